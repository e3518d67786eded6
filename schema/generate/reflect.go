package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// schema is a JSON Schema, as far as these files need it.
type schema struct {
	Schema               string     `json:"$schema,omitempty"`
	Title                string     `json:"title,omitempty"`
	Description          string     `json:"description,omitempty"`
	Type                 any        `json:"type,omitempty"` // string or []string
	Enum                 []string   `json:"enum,omitempty"`
	Pattern              string     `json:"pattern,omitempty"`
	Examples             []string   `json:"examples,omitempty"`
	Minimum              *int       `json:"minimum,omitempty"`
	Maximum              *int       `json:"maximum,omitempty"`
	MinItems             int        `json:"minItems,omitempty"`
	AnyOf                []*schema  `json:"anyOf,omitempty"`
	Items                *schema    `json:"items,omitempty"`
	Required             []string   `json:"required,omitempty"`
	PropertyNames        *schema    `json:"propertyNames,omitempty"`
	Properties           properties `json:"properties,omitempty"`
	PatternProperties    properties `json:"patternProperties,omitempty"`
	AdditionalProperties any        `json:"additionalProperties,omitempty"` // false or *schema
}

// properties keep the order of a struct's fields, which is the order in which editors offer them.
type properties []property

type property struct {
	name   string
	schema *schema
}

// MarshalJSON writes an object.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, e := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(e.name)
		if err != nil {
			return nil, err
		}
		var value bytes.Buffer
		enc := json.NewEncoder(&value)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e.schema); err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(bytes.TrimSpace(value.Bytes()))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// custom is a type with a schema of its own.
type custom interface{ schema() *schema }

// of is the schema of a value's type:
//
//   - a struct is an object that has the fields with a tag "key" and no others; the tag "doc" describes a field, "need"
//     makes it required, and embedded structs lend their fields
//   - a map is an object with any keys, a slice a list, any is everything
//   - a [custom] type says itself what it is
func of(v any) *schema { return ofType(reflect.TypeOf(v)) }

func ofType(t reflect.Type) *schema {
	if t.Kind() != reflect.Interface {
		if c, ok := reflect.Zero(t).Interface().(custom); ok {
			return c.schema()
		}
	}
	switch t.Kind() {
	case reflect.Struct:
		s := &schema{Type: "object", AdditionalProperties: false}
		s.fields(t)
		return s
	case reflect.Map:
		s := &schema{Type: "object", AdditionalProperties: ofType(t.Elem())}
		if t.Key() != reflect.TypeFor[string]() {
			s.PropertyNames = ofType(t.Key())
		}
		return s
	case reflect.Slice:
		return &schema{Type: "array", Items: ofType(t.Elem())}
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int:
		return &schema{Type: "integer"}
	case reflect.Interface:
		return &schema{}
	}
	panic("no schema for " + t.String())
}

func (s *schema) fields(t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			s.fields(f.Type)
			continue
		}
		key := f.Tag.Get("key")
		if key == "x-*" { // keys of the author's own
			s.PatternProperties = append(s.PatternProperties, property{"^x-", &schema{Description: f.Tag.Get("doc")}})
			continue
		}
		p := ofType(f.Type)
		p.Description = f.Tag.Get("doc")
		if example := f.Tag.Get("example"); example != "" {
			p.Examples = strings.Split(example, "|")
		}
		s.Properties = append(s.Properties, property{key, p})
		if f.Tag.Get("need") != "" {
			s.Required = append(s.Required, key)
		}
	}
}

// either is the schema of a thing that can be written in several ways.
func either(ways ...any) *schema {
	s := &schema{}
	for _, w := range ways {
		if sub, ok := w.(*schema); ok {
			s.AnyOf = append(s.AnyOf, sub)
		} else {
			s.AnyOf = append(s.AnyOf, of(w))
		}
	}
	return s
}

func within(low, high int) *schema { return &schema{Type: "integer", Minimum: &low, Maximum: &high} }
