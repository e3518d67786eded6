package mcp

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/project"
)

// describe is the tool of a model.
func describe(name string, m project.Model, files bool) *sdk.Tool {
	properties := map[string]any{}
	required := []string{}
	if onlyText(m) {
		required = append(required, "text")
		properties["text"] = map[string]any{"type": "string", "description": "the text to work on"}
	} else {
		properties["text"] = map[string]any{"type": "string", "description": "the text to work on, or what to do with the other inputs"}
	}
	kinds := takes(m)
	if onlyText(m) {
		kinds = nil
	}
	for _, kind := range kinds {
		properties[argument(kind)] = map[string]any{
			"type": []string{"string", "array"}, "items": map[string]any{"type": "string"}, "description": where(kind, files),
		}
	}
	if len(m.InputTypes) == 1 && len(kinds) == 1 {
		required = append(required, argument(kinds[0]))
	}
	parameters := parametersSchema(m.Parameters)
	properties["parameters"] = parameters
	if _, needs := parameters["required"]; needs {
		required = append(required, "parameters")
	}
	return &sdk.Tool{
		Name: name, Title: title(m), Description: explain(m),
		InputSchema: map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false},
		Annotations: &sdk.ToolAnnotations{DestructiveHint: new(bool)},
	}
}

func title(m project.Model) string {
	if m.Name != "" {
		return m.Name
	}
	return m.ID
}

// explain is what a language model reads to choose a tool.
func explain(m project.Model) string {
	var out []string
	if text := strings.TrimSpace(m.Description); text != "" {
		out = append(out, strings.TrimSuffix(text, ".")+".")
	}
	line := "Model " + m.ID + " of provider " + m.Provider
	if len(m.Capabilities) > 0 {
		line += " (" + strings.Join(m.Capabilities, ", ") + ")"
	}
	if len(m.OutputTypes) > 0 {
		line += "; makes " + strings.Join(m.OutputTypes, " and ")
	}
	out = append(out, line+".")
	if len(m.Pricing) > 0 {
		if data, err := json.Marshal(m.Pricing); err == nil {
			out = append(out, "Cost as the provider states it: "+string(data)+".")
		}
	}
	return strings.Join(out, " ")
}

// where tells how an input is given.
func where(kind string, files bool) string {
	text := fmt.Sprintf("%s: a URI of an earlier result (%s…), or the content as data:TYPE;base64,…; a list for several", kind, resourcePrefix)
	if files {
		text = fmt.Sprintf("%s: the path of a file, a URI of an earlier result (%s…), or the content as data:TYPE;base64,…; a list for several", kind, resourcePrefix)
	}
	return text
}

// keywords are what is taken over of a provider's own description: the words of JSON Schema (draft 2020-12) that clients know.
var keywords = []string{"description", "title", "default", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
	"multipleOf", "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "examples"}

// typeNames are the types of JSON Schema by the names that providers give them.
var typeNames = map[string]string{"string": "string", "text": "string", "str": "string", "number": "number", "float": "number", "double": "number",
	"integer": "integer", "int": "integer", "boolean": "boolean", "bool": "boolean", "array": "array", "list": "array", "object": "object"}

// depthMost is how deep a provider's schema is followed.
const depthMost = 8

// parametersSchema is the schema of a model's options. Providers describe them by a JSON Schema of an object, by a map from names
// to schemas, or by a map from names to examples. Options that are not described are allowed.
func parametersSchema(described map[string]any) map[string]any {
	if properties, ok := described["properties"].(map[string]any); ok {
		return object(properties, described["required"], 0)
	}
	return object(described, nil, 0)
}

func object(described map[string]any, needed any, depth int) map[string]any {
	properties := map[string]any{}
	var required []string
	if list, ok := needed.([]any); ok {
		for _, each := range list {
			if name, ok := each.(string); ok && described[name] != nil {
				required = append(required, name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(described)) {
		properties[name] = property(described[name], depth)
		if schema, ok := described[name].(map[string]any); ok && schema["required"] == true { // not JSON Schema, and common
			required = append(required, name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": true}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// property is the schema of one option.
func property(described any, depth int) map[string]any {
	out := map[string]any{}
	schema, ok := described.(map[string]any)
	if !ok { // an example
		if described != nil {
			out["default"] = described
		}
		return out
	}
	stated, _ := schema["type"].(string)
	kind := typeNames[strings.ToLower(stated)]
	if kind != "" {
		out["type"] = kind
	}
	for _, word := range keywords {
		if value, ok := schema[word]; ok && value != nil {
			out[word] = value
		}
	}
	for ours, theirs := range map[string]string{"minimum": "min", "maximum": "max"} {
		if value, ok := schema[theirs].(float64); ok && out[ours] == nil {
			out[ours] = value
		}
	}
	if depth < depthMost {
		if items, ok := schema["items"].(map[string]any); ok && kind == "array" {
			out["items"] = property(items, depth+1)
		}
		if properties, ok := schema["properties"].(map[string]any); ok && kind == "object" {
			maps.Copy(out, object(properties, schema["required"], depth+1))
		}
	}
	return out
}
