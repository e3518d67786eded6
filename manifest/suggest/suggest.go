package suggest

import "strings"

// Nearest returns the known word that word is most likely a misspelling of, "" if none is near. Case and the separators
// "-" and "_" do not count as differences; beyond that one edit in three letters is near, a swap of neighbours being one.
func Nearest(word string, known []string) string {
	best, limit := "", len(Fold(word))/3+1
	if limit > 3 {
		limit = 3
	}
	for _, k := range known {
		if d := distance(Fold(word), Fold(k)); d < limit {
			best, limit = k, d
		}
	}
	return best
}

// Fold reduces the spellings of one word to one: "healthCheck", "health_check" and "health-check" to "healthcheck".
func Fold(word string) string {
	return strings.ToLower(separators.Replace(word))
}

var separators = strings.NewReplacer("-", "", "_", "")

// distance is the optimal string alignment distance in bytes.
func distance(a, b string) int {
	// Words that differ this much in length are never near, and skipping them bounds the work on hostile input.
	if d := len(a) - len(b); d > 3 || d < -3 {
		return 4
	}
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
