package service

import (
	"context"
	"strings"
	"testing"
)

// Compose files made to take all memory are refused: aliases of aliases, brackets without end, megabytes.
func TestComposeBombs(t *testing.T) {
	var laughs strings.Builder
	laughs.WriteString("x-a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		one := "*a" + string(rune('0'+i-1))
		laughs.WriteString("x-a" + string(rune('0'+i)) + ": &a" + string(rune('0'+i)) + " [" + strings.TrimSuffix(strings.Repeat(one+", ", 10), ", ") + "]\n")
	}
	for name, text := range map[string]string{
		"aliases":  laughs.String() + plainCompose,
		"merges":   strings.NewReplacer("[", "{<<: [", "]", "]}").Replace(strings.Replace(laughs.String(), "[x, x, x, x, x, x, x, x, x, x]", "{a: 1}", 1)) + plainCompose,
		"brackets": "x-a: " + strings.Repeat("[", 100_000) + "\n" + plainCompose,
		"nested":   "x-a: " + strings.Repeat("{a: ", 5_000) + "1" + strings.Repeat("}", 5_000) + "\n" + plainCompose,
		"dashes":   "x-a:\n " + strings.Repeat("- ", 100_000) + "1\n" + plainCompose,
		"large":    plainCompose + strings.Repeat("# comment\n", 1_000_000),
	} {
		t.Run(name, func(t *testing.T) {
			spec := pack(t, map[string]string{"docker-compose.yml": text})
			_, err := compose(context.Background(), spec)
			if err == nil {
				t.Fatal("it was accepted")
			}
			if len(err.Error()) > 2000 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			t.Logf("%.300v", err)
		})
	}
}
