package npmtest

import (
	"encoding/json"
	"maps"
	"net/http"
)

// bulkPath is where npm's clients ask for advisories.
const bulkPath = "-/npm/v1/security/advisories/bulk"

// Advise makes the registry answer questions for advisories: data maps names of packages to lists of advisories, as the
// real endpoint does. Before the first call it has no such endpoint, as many registries have none.
func (r *Registry) Advise(data []byte) error {
	advice := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &advice); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.advice = advice
	return nil
}

// serveAdvisories answers with what was published of the packages that are asked for.
func (r *Registry) serveAdvisories(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	advice := maps.Clone(r.advice)
	r.mu.Unlock()
	if advice == nil {
		http.NotFound(w, q)
		return
	}
	var asked map[string][]string
	if q.Method != http.MethodPost || json.NewDecoder(q.Body).Decode(&asked) != nil {
		http.Error(w, `{"error":"bad request"}`, http.StatusBadRequest)
		return
	}
	maps.DeleteFunc(advice, func(name string, _ json.RawMessage) bool { return asked[name] == nil })
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(advice) // the client may be gone
}
