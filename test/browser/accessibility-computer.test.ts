import { examineEveryView } from './accessible-views.ts';

examineEveryView({ viewport: { width: 1440, height: 900 } });
