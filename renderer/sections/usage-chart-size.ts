/** In pixels; the room is kept free until the chart is there. */
export const chartHeight = 200;
