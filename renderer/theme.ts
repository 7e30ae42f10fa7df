import {
  createTheme,
  defaultVariantColorsResolver,
  localStorageColorSchemeManager,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';

/** Mantine in our clothes. The colours themselves are in `styles/tokens.css`; here Mantine is pointed to them. */

export const colorSchemeManager = localStorageColorSchemeManager({ key: 'inglenook-theme' });

const systemFont =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";
const systemMono =
  "ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";

const warmGray: MantineColorsTuple = [
  '#f7f6f3',
  '#f0eeea',
  '#e4e1db',
  '#d5d1c9',
  '#b9b4ab',
  '#8f8b84',
  '#76726a',
  '#5f5c57',
  '#3a3834',
  '#1c1b19',
];

const warmDark: MantineColorsTuple = [
  '#edebe6',
  '#cfccc5',
  '#a8a49c',
  '#8a867e',
  '#4a4741',
  '#33312c',
  '#272521',
  '#1f1e1b',
  '#161513',
  '#0f0e0d',
];

export const theme = createTheme({
  primaryColor: 'indigo',
  // indigo 8 is #3b5bdb and indigo 3 is #91a7ff: the one accent, in either theme.
  primaryShade: { light: 8, dark: 3 },
  black: '#1c1b19',
  colors: { gray: warmGray, dark: warmDark },
  fontFamily: systemFont,
  fontFamilyMonospace: systemMono,
  // Mantine's texts are `md` and its controls `sm`: both are our body size.
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  lineHeights: { xs: '1.333', sm: '1.4286', md: '1.4286', lg: '1.4', xl: '1.15' },
  headings: { fontFamily: systemFont, fontWeight: '600' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  defaultRadius: 'md',
  respectReducedMotion: true,
  // A filled control is dark in the light theme and light in the dark one; Mantine looks at the light one only.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    return input.variant === 'filled' ? { ...colors, color: 'var(--ink-on-filled)' } : colors;
  },
  components: {
    Checkbox: { defaultProps: { iconColor: 'var(--ink-on-filled)' } },
  },
});

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: pointToTokens,
  dark: pointToTokens,
});

const pointToTokens = {
  '--mantine-color-body': 'var(--ink-card)',
  '--mantine-color-text': 'var(--ink-text)',
  '--mantine-color-bright': 'var(--ink-text)',
  '--mantine-color-dimmed': 'var(--ink-muted)',
  '--mantine-color-placeholder': 'var(--ink-muted)',
  '--mantine-primary-color-contrast': 'var(--ink-on-filled)',
  '--mantine-color-anchor': 'var(--ink-accent)',
  '--mantine-color-error': 'var(--ink-error)',
  '--mantine-color-success': 'var(--ink-ok)',
  '--mantine-color-default': 'var(--ink-card)',
  '--mantine-color-default-hover': 'var(--ink-hover)',
  '--mantine-color-default-color': 'var(--ink-text)',
  '--mantine-color-default-border': 'var(--ink-control-border)',
};
