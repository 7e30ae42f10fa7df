import { NativeSelect } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { unknown } from '../format.ts';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { ScrollTable } from '../parts/scroll-table.tsx';
import type { Span } from '../period.ts';
import { useUsage } from '../queries-usage.ts';
import { useFormat } from '../use-format.ts';
import { requestsAddress, withoutClient, type WhoFilters } from '../request-filters.ts';
import styles from './usage-who.module.css';
import { matrixOf, measures, type Column, type Matrix, type Measure } from './usage-matrix.ts';

type SpanAndWho = { readonly span: Span; readonly who: WhoFilters };

/** Who used which model, and how much of it. */
export function UsageWho({ span, who }: SpanAndWho): ReactNode {
  const { t } = useTranslation();
  const [measure, setMeasure] = useState<Measure>('tokens');
  const query = useUsage(span, 'person,model', withoutClient(who));
  return (
    <Panel
      title={t('usage.who')}
      flush
      action={
        <NativeSelect
          size="xs"
          aria-label={t('usage.measure')}
          data={measures.map((value) => ({ value, label: t(`usage.measureName.${value}`) }))}
          value={measure}
          onChange={({ currentTarget: { value } }) =>
            setMeasure(measures.find((known) => known === value) ?? 'tokens')
          }
        />
      }
    >
      <QueryView query={query}>
        {({ rows, currency }) => {
          if (rows.length === 0) return <p className={styles['nothing']}>{t('usage.empty')}</p>;
          return (
            <WhoTable
              matrix={matrixOf(rows, measure)}
              measure={measure}
              currency={currency}
              span={span}
              who={who}
            />
          );
        }}
      </QueryView>
    </Panel>
  );
}

type WhoTableProps = SpanAndWho & {
  readonly matrix: Matrix;
  readonly measure: Measure;
  readonly currency: string;
};

function WhoTable({ matrix, measure, currency, span, who }: WhoTableProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const write = (value: number): string => {
    if (value === 0) return unknown;
    return measure === 'cost' ? format.money(value, currency) : format.count(value);
  };
  const shown = { ...who, since: span.from, until: span.to };
  return (
    <ScrollTable caption={t('usage.who')}>
      <thead>
        <tr>
          <th scope="col">{t('request.person')}</th>
          {matrix.columns.map((column) => (
            <th key={keyOf(column)} scope="col">
              <ColumnName column={column} />
            </th>
          ))}
          <th scope="col">{t('usage.inAll')}</th>
        </tr>
      </thead>
      <tbody>
        {matrix.people.map(({ person, cells, sum }) => (
          <tr key={person ?? ''}>
            <th scope="row">
              {person === null ? (
                t('people.nobodys')
              ) : (
                <Link href={requestsAddress({ ...shown, person })}>{person}</Link>
              )}
            </th>
            {cells.map((cell, index) => {
              const column = matrix.columns[index];
              const model = column !== undefined && 'model' in column ? column.model : null;
              return (
                <td
                  key={column === undefined ? index : keyOf(column)}
                  title={cell === 0 ? undefined : format.mean(cell)}
                >
                  {cell === 0 || model === null || person === null ? (
                    write(cell)
                  ) : (
                    <Link href={requestsAddress({ ...shown, person, model })}>{write(cell)}</Link>
                  )}
                </td>
              );
            })}
            <td title={format.mean(sum)}>{write(sum)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t('usage.everybody')}</th>
          {matrix.sums.map((sum, index) => {
            const column = matrix.columns[index];
            return <td key={column === undefined ? index : keyOf(column)}>{write(sum)}</td>;
          })}
          <td>{write(matrix.sum)}</td>
        </tr>
      </tfoot>
    </ScrollTable>
  );
}

function ColumnName({ column }: { readonly column: Column }): ReactNode {
  const { t } = useTranslation();
  if ('others' in column) return t('usage.others', { count: column.others });
  return column.model ?? t('usage.noModel');
}

function keyOf(column: Column): string {
  return 'others' in column ? ' others' : (column.model ?? ' none');
}
