import { examineEveryView } from './accessible-views.ts';

// Taller than a phone: what the bar at the bottom covers until one scrolls would count as too small to be hit.
examineEveryView({ viewport: { width: 390, height: 5600 }, hasTouch: true, isMobile: true });
