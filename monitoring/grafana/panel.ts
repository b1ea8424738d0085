/** A panel as data, and as Grafana wants it. What every panel must have cannot be left out. */
import { StackingConfigBuilder, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** Units of Grafana that are used here. */
export type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'ops' | 'reqps' | 'currencyUSD' | 'bool';

export interface Query {
  readonly expr: string;
  readonly legend: string;
}

export interface PanelSpec {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Default: a curve over time. */
  readonly kind?: 'number';
  readonly stacked?: boolean;
  /** Values from which it turns amber and red; `falls`: below which. */
  readonly thresholds?: { readonly warn: number; readonly bad: number; readonly falls?: boolean };
  /** Of 24 columns; default 8, of a number 4. */
  readonly width?: number;
}

export interface Place {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

export const widthOf = ({ width, kind }: PanelSpec): number => width ?? (kind === 'number' ? 4 : 8);
export const heightOf = ({ kind }: PanelSpec): number => (kind === 'number' ? 4 : 8);

export function panelOf(spec: PanelSpec, { id, x, y }: Place): stat.PanelBuilder | timeseries.PanelBuilder {
  const panel = spec.kind === 'number' ? new stat.PanelBuilder() : curves(spec);
  panel
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(DATASOURCE)
    .gridPos({ x, y, w: widthOf(spec), h: heightOf(spec) })
    .thresholds(thresholdsOf(spec));
  spec.queries.forEach(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .expr(expr)
      .legendFormat(legend)
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .datasource(DATASOURCE);
    panel.withTarget(spec.kind === 'number' ? query.instant() : query.range());
  });
  return panel;
}

function curves({ stacked = false, thresholds }: PanelSpec): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 8)
    .axisSoftMin(0)
    // A legend is not shown unless somebody says so.
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom),
    );
  if (stacked) panel.stacking(new StackingConfigBuilder().mode(common.StackingMode.Normal));
  if (thresholds !== undefined)
    panel.thresholdsStyle(
      new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed),
    );
  return panel;
}

function thresholdsOf({ thresholds }: PanelSpec): ThresholdsConfigBuilder {
  const steps =
    thresholds === undefined
      ? [{ value: null, color: 'green' }]
      : thresholds.falls === true
        ? [
            { value: null, color: 'red' },
            { value: thresholds.bad, color: 'orange' },
            { value: thresholds.warn, color: 'green' },
          ]
        : [
            { value: null, color: 'green' },
            { value: thresholds.warn, color: 'orange' },
            { value: thresholds.bad, color: 'red' },
          ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}
