package reports

import (
	"cmp"
	"slices"

	"squall/sim"
	"squall/sim/measure"
)

// distributions are the charts that are not over time: latencies by percentile
// and what readers saw.
func distributions(all []*sim.VariantResult) []chart {
	charts := []chart{
		percentiles("accept-percentiles", "Accept latency by percentile", "accept", all,
			func(v *sim.VariantResult) sim.Latency { return v.Accept.Latency }),
		percentiles("complete-percentiles", "Complete latency by percentile", "complete", all,
			func(v *sim.VariantResult) sim.Latency { return v.Complete }),
		percentiles("lag-percentiles", "Convergence lag by percentile", "lag", all,
			func(v *sim.VariantResult) sim.Latency { return v.Lag.Convergence.Latency }),
		visibilityCurve(all),
	}
	return slices.DeleteFunc(charts, func(c chart) bool { return len(c.Lines) == 0 })
}

// percentiles lays a latency out by percentile. The axis counts odds, 1 in X, so
// that each nine has the same room.
func percentiles(id, title, term string, all []*sim.VariantResult, of func(*sim.VariantResult) sim.Latency) chart {
	c := chart{ID: id, Title: title, Unit: "ms", Term: term, Axis: "odds", Log: true, Span: true,
		Note: "each nine has the same room; a line ends where no order is beyond"}
	points := make([][]measure.Percentile, len(all))
	var odds []float64
	for i, v := range all {
		points[i] = measure.Percentiles(of(v))
		for _, p := range points[i] {
			odds = append(odds, p.Odds)
		}
	}
	slices.Sort(odds)
	odds = slices.Compact(odds)
	c.X = pointers(odds)
	for i, v := range all {
		if len(points[i]) < 2 {
			continue
		}
		values := make(column, len(odds))
		for _, p := range points[i] {
			at, _ := slices.BinarySearch(odds, p.Odds)
			values[at] = &p.MS
		}
		c.Lines = append(c.Lines, line{Name: v.Variant, Colour: variantColour(i), Values: values})
	}
	return c
}

// visibilityCurve is the share of reads that show an order's final state, by the
// milliseconds from the moment that state was told to the read.
func visibilityCurve(all []*sim.VariantResult) chart {
	c := chart{ID: "t-visibility", Title: "t-visibility", Unit: "%", Term: "t-visibility", Axis: "ms", Span: true,
		Note: "the share of reads that show the final state, by the time since it was told"}
	for i, v := range all {
		if v.Lag.Visibility == nil || v.Lag.Visibility.Reads == 0 {
			continue
		}
		curve := slices.Clone(v.Lag.Visibility.Curve)
		slices.SortFunc(curve, func(a, b sim.CurvePoint) int { return cmp.Compare(a.FromMS, b.FromMS) })
		first := c.X == nil
		values := make(column, 0, len(curve))
		for _, p := range curve {
			if first {
				from := max(p.FromMS, 0.5) // a logarithmic axis has no zero
				c.X = append(c.X, &from)
			}
			var share *float64
			if p.Reads > 0 {
				of := 100 * float64(p.Fresh) / float64(p.Reads)
				share = &of
			}
			values = append(values, share)
		}
		if some(values) {
			c.Lines = append(c.Lines, line{Name: v.Variant, Colour: variantColour(i), Values: values})
		}
	}
	return c
}
