// Runs before the first paint, so that a dark office is not lit up by a white page. The key is theme.ts's.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('inglenook-theme');
  } catch {
    // Storage can be forbidden; then the system's choice is used.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';
})();
