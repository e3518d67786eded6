package supervisor

import (
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// levels groups services so that each needs only services of groups before its own. What is needed and not there does not
// count: a lock is closed, and a choice of services brings what it needs.
func levels(all []Service) ([][]Service, error) {
	there := map[string]bool{}
	for _, svc := range all {
		there[svc.Spec.Name] = true
	}
	var out [][]Service
	done := map[string]bool{}
	for rest := all; len(rest) > 0; {
		var level, later []Service
		for _, svc := range rest {
			if slices.ContainsFunc(svc.Needs, func(n string) bool { return there[n] && !done[n] }) {
				later = append(later, svc)
			} else {
				level = append(level, svc)
			}
		}
		if len(level) == 0 {
			var names []string
			for _, svc := range later {
				names = append(names, svc.Spec.Name)
			}
			return nil, &report.Error{Kind: report.Service, What: "services need each other in a circle", Why: strings.Join(names, ", "),
				Next: "take one out of requires in the MediaConduit.service.yml of one of them"}
		}
		for _, svc := range level {
			done[svc.Spec.Name] = true
		}
		out = append(out, level)
		rest = later
	}
	return out, nil
}
