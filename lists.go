package squall

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"squall/reports"
	"squall/scenarios"
	"squall/sim/backend"
	"squall/sim/check"
	"squall/sim/fault"
	"squall/sim/measure"
	"squall/system/variant"
)

// Listed is one thing of which there are several: a scenario, a fault, ...
type Listed struct {
	Name    string            `json:"name"`
	Group   string            `json:"group,omitempty"`
	Summary string            `json:"summary"`
	Details map[string]string `json:"details,omitempty"` // by one of ListedDetails
}

// ListedDetails are the names of details, in the order in which they are shown.
var ListedDetails = []string{"needs", "backing", "evidence", "heal", "example", "unit", "compared", "conditions"}

// lists has, by the word that asks for it, what there is.
var lists = map[string]func() ([]Listed, error){
	"scenarios": listScenarios,
	"faults": func() (all []Listed, err error) {
		for _, k := range fault.Sorted() {
			all = append(all, Listed{k.Name, k.Group, k.Summary, map[string]string{
				"needs": reports.NeedsWords(k), "backing": cmp.Or(backend.Where(k), "every"),
				"evidence": k.Evidence, "heal": k.Heals, "example": "- " + k.Example,
			}})
		}
		return all, nil
	},
	"checks": func() (all []Listed, err error) {
		for _, c := range check.All() {
			all = append(all, Listed{Name: c.Name, Summary: c.Promise})
		}
		return all, nil
	},
	"figures": func() (all []Listed, err error) {
		for _, f := range measure.Figures() {
			all = append(all, Listed{f.Name, cmp.Or(f.Path, "(not in expectations)"), f.Means, reports.FigureWords(f)})
		}
		return all, nil
	},
	"variants": func() (all []Listed, err error) {
		for _, w := range variant.All() {
			all = append(all, Listed{Name: w.Name, Summary: w.Summary})
		}
		return all, nil
	},
	"claims": func() (all []Listed, err error) {
		for _, c := range scenarios.Claims() {
			all = append(all, Listed{Name: c.ID, Summary: c.Text})
		}
		return all, nil
	},
	"backings": func() (all []Listed, err error) {
		for _, s := range backend.Sets() {
			all = append(all, Listed{Name: s.Name, Group: "set", Summary: s.Summary})
		}
		for _, b := range backend.All() {
			all = append(all, Listed{Name: b.Name, Group: b.Role, Summary: b.Summary})
		}
		return all, nil
	},
}

// Lists are the words that List knows, in the order in which they are shown.
var Lists = []string{"scenarios", "faults", "checks", "figures", "variants", "backings", "claims"}

// List returns what there is of a kind, one of Lists.
func List(what string) ([]Listed, error) {
	if !slices.Contains(Lists, what) {
		return nil, usage(fmt.Errorf("no list of %q, expected one of %s", what, strings.Join(Lists, ", ")))
	}
	return lists[what]()
}

func listScenarios() (all []Listed, err error) {
	for _, name := range scenarios.Names() {
		sc, err := ReadScenario(name)
		if err != nil {
			return nil, err
		}
		all = append(all, Listed{Name: name, Summary: sc.Summary})
	}
	return all, nil
}

// FaultsPage is the page docs/faults.md, made from the registry of faults.
func FaultsPage() string { return reports.FaultsPage(fault.Sorted(), backend.Where, backend.Having) }
