package measure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"squall/sim"
)

// Figures returns all figures.
func Figures() []sim.Figure { return slices.Clone(figures) }

// Terms returns the definitions of what is measured, in the order of the glossary.
func Terms() []Term { return slices.Clone(terms) }

// FigureNamed returns the figure of a name.
func FigureNamed(name string) (f sim.Figure, ok bool) {
	i := slices.IndexFunc(figures, func(f sim.Figure) bool { return f.Name == name })
	if i < 0 {
		return f, false
	}
	return figures[i], true
}

// SideBySide returns the figures of the report's table, in its order.
func SideBySide() []sim.Figure {
	shown := chosen(func(f sim.Figure) bool { return f.Row > 0 })
	slices.SortStableFunc(shown, func(a, b sim.Figure) int { return cmp.Compare(a.Row, b.Row) })
	return shown
}

// Kept returns the figures that baselines and the benchmark format have.
func Kept() []sim.Figure { return chosen(func(f sim.Figure) bool { return f.Unit != "" }) }

// Compared returns the figures by which runs are compared, apart from the orders
// that came to harm, which no threshold is about.
func Compared() []sim.Figure { return chosen(func(f sim.Figure) bool { return f.Compare != nil }) }

// ComparedNames returns the names of the figures by which runs are compared.
func ComparedNames() (names []string) {
	for _, f := range Compared() {
		names = append(names, f.Name)
	}
	return names
}

// FindCompared returns the figure of a name by which runs are compared; that there
// is none is an error that names those there are.
func FindCompared(name string) (sim.Figure, error) {
	if f, ok := FigureNamed(name); ok && f.Compare != nil {
		return f, nil
	}
	return sim.Figure{}, fmt.Errorf("no figure %q, expected one of %s", name, strings.Join(ComparedNames(), ", "))
}

// IsLive reports whether a figure, by its path behind the variant's name, is known
// while a trial goes.
func IsLive(path string) bool {
	return slices.ContainsFunc(figures, func(f sim.Figure) bool { return f.Live && f.Path == path })
}

func chosen(which func(sim.Figure) bool) (some []sim.Figure) {
	for _, f := range figures {
		if which(f) {
			some = append(some, f)
		}
	}
	return some
}

func count(n int) sim.Reading { return sim.Exactly(float64(n)) }

func accept(s sim.Statistic) func(sim.Measured) sim.Reading {
	return func(m sim.Measured) sim.Reading { return m.Accept.Latency.Read(s) }
}

func complete(s sim.Statistic) func(sim.Measured) sim.Reading {
	return func(m sim.Measured) sim.Reading { return m.Complete.Read(s) }
}

func lag(s sim.Statistic) func(sim.Measured) sim.Reading {
	return func(m sim.Measured) sim.Reading { return m.Lag.Convergence.Read(s) }
}

// asked reads what became of requests: there is nothing where there was none.
func asked(of func(sim.Measured) float64) func(sim.Measured) sim.Reading {
	return func(m sim.Measured) sim.Reading {
		if a := m.Accept; a.Count == 0 && a.OK+a.Fail+a.Info == 0 {
			return sim.Reading{Bound: sim.NotMeasured}
		}
		return sim.Exactly(of(m))
	}
}

// metered reads what was used: there is nothing where nothing was read, or where
// no order was completed to divide by.
func metered(of func(sim.Measured) float64) func(sim.Measured) sim.Reading {
	return func(m sim.Measured) sim.Reading {
		if x := of(m); x > 0 {
			return sim.Exactly(x)
		}
		return sim.Reading{Bound: sim.NotMeasured}
	}
}

// visible reads the visibility lag: there is none without probes.
func visible(s sim.Statistic) func(sim.Measured) sim.Reading {
	return func(m sim.Measured) sim.Reading {
		if m.Lag.Visibility == nil {
			return sim.Reading{Bound: sim.NotMeasured}
		}
		return m.Lag.Visibility.Lag.Read(s)
	}
}

// recovered reads the longest recovery: there is none without a fault, and where a
// trial ended before one.
func recovered(m sim.Measured) sim.Reading {
	longest := sim.Reading{Bound: sim.NotMeasured}
	for _, r := range m.Recovery {
		for _, s := range []*float64{r.BacklogS, r.LatencyS} {
			if s == nil {
				return sim.Reading{Bound: sim.NotMeasured}
			}
			longest = sim.Exactly(max(longest.Value, *s))
		}
	}
	return longest
}
