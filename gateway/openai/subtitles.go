package openai

import (
	"fmt"
	"math"
	"strings"
)

// segment is a piece of a transcript with its times in seconds.
type segment struct {
	start, end float64
	text       string
}

// segments are those that a provider states in its output's metadata, as Whisper does.
func segments(about map[string]any) []segment {
	list, _ := about["segments"].([]any)
	var out []segment
	for _, each := range list {
		fields, _ := each.(map[string]any)
		start, first := fields["start"].(float64)
		end, second := fields["end"].(float64)
		text, third := fields["text"].(string)
		if first && second && third && start >= 0 && end >= start {
			out = append(out, segment{start, end, strings.TrimSpace(text)})
		}
	}
	return out
}

// subtitles are segments as SubRip or WebVTT has them: these differ in the sign before the milliseconds, and in numbers.
func subtitles(all []segment, point string, numbered bool) string {
	var out strings.Builder
	for i, s := range all {
		if numbered {
			fmt.Fprintln(&out, i+1)
		}
		fmt.Fprintf(&out, "%s --> %s\n%s\n\n", clock(s.start, point), clock(s.end, point), strings.ReplaceAll(s.text, "\n\n", "\n"))
	}
	return out.String()
}

func clock(seconds float64, point string) string {
	ms := int64(math.Round(seconds * 1000))
	return fmt.Sprintf("%02d:%02d:%02d%s%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, point, ms%1000)
}
