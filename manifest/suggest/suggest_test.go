package suggest

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"serviceUrl", "capabilities", "healthCheck", "type", "id", "env", "source"}
	for word, want := range map[string]string{
		"serviceURL": "serviceUrl", "service_url": "serviceUrl", "capabilites": "capabilities", "tpye": "type",
		"health-check": "healthCheck", "soruce": "source", "souce": "source", "features": "", "x": "", "ie": "", "evn": "env",
		"homepage": "", "specialties": "", "author": "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
