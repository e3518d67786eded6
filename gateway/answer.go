package gateway

import (
	"encoding/json"
	"net/http"
)

// writeJSON answers with v. That the client is gone shows in the log by the status.
func writeJSON(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // what is encoded here always can be, so that only the connection fails
}
