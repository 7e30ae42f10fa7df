import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';

/**
 * The vendor's own description of the operations we have: openai-openapi 2.3.0 (MIT, as its `info` says), cut to our
 * operations and what they refer to. JSON Schema 2020-12 but for `nullable`, which OpenAPI 3.1 has given up and this
 * document still uses.
 */
const file = join(import.meta.dirname, '..', 'fixtures', 'openai-openapi-subset.json');

const documentId = 'openai';
const ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false });
const compiled = new Map<string, ValidateFunction>();
let isLoaded = false;

/** Fails the test unless the value is what the vendor's schema of this name (in `components.schemas`) allows. */
export function expectValid(schemaName: string, value: unknown): void {
  expect([schemaName, vendorErrors(schemaName, value), value]).toEqual([schemaName, [], value]);
}

/**
 * What the vendor's schema of this name finds wrong, in words; empty if nothing.
 * @throws Error where the vendor has no such schema
 */
export function vendorErrors(schemaName: string, value: unknown): string[] {
  const validate = compiled.get(schemaName) ?? compile(schemaName);
  return validate(value) ? [] : (validate.errors ?? []).map(inWords);
}

/** The vendor's schema of what an operation is asked, for instance `CreateEmbeddingRequest`, with its references. */
export function vendorSchemas(): Readonly<Record<string, unknown>> {
  return readDocument().components.schemas;
}

function compile(schemaName: string): ValidateFunction {
  if (!isLoaded) ajv.addSchema(readDocument(), documentId);
  isLoaded = true;
  const validate = ajv.compile({ $ref: `${documentId}#/components/schemas/${schemaName}` });
  compiled.set(schemaName, validate);
  return validate;
}

type OpenApiDocument = { readonly components: { readonly schemas: Record<string, unknown> } };

function readDocument(): OpenApiDocument {
  return JSON.parse(readFileSync(file, 'utf8'), (_key, value: unknown) => withNull(value)) as OpenApiDocument;
}

/** `nullable: true` beside anything becomes "that, or null". */
function withNull(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('nullable' in value)) return value;
  const { nullable, ...schema } = value;
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function inWords({ instancePath, message, params, schemaPath }: ErrorObject): string {
  return `${instancePath || '/'} ${message ?? 'is wrong'} ${JSON.stringify(params)} (${schemaPath})`;
}
