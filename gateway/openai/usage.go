package openai

import "github.com/MediaConduit/conduit/exec/plugin"

// usage is how much a call took, in tokens.
type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

// The names that providers give to counts of tokens: of OpenAI's, Anthropic's and Ollama's APIs, and in the style of TypeScript.
var (
	promptNames     = []string{"prompt_tokens", "promptTokens", "input_tokens", "inputTokens", "prompt_eval_count"}
	completionNames = []string{"completion_tokens", "completionTokens", "output_tokens", "outputTokens", "eval_count"}
	totalNames      = []string{"total_tokens", "totalTokens"}
)

// usageOf is what the provider states of a call; nil where it states nothing.
func usageOf(response plugin.Response) *usage {
	stated, ok := response.Metadata["usage"].(map[string]any)
	if !ok {
		return nil
	}
	prompt, first := count(stated, promptNames)
	completion, second := count(stated, completionNames)
	total, third := count(stated, totalNames)
	if !first && !second && !third {
		return nil
	}
	if !third {
		total = prompt + completion
	}
	return &usage{Prompt: prompt, Completion: completion, Total: total}
}

func count(stated map[string]any, names []string) (int, bool) {
	for _, name := range names {
		if n, ok := stated[name].(float64); ok && n >= 0 {
			return int(n), true
		}
	}
	return 0, false
}
