package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FOLDER")
		os.Exit(2)
	}
	for name, text := range schemas() {
		if err := os.WriteFile(filepath.Join(os.Args[1], name+".schema.json"), text, 0o666); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// schemas are the texts of all schemas by name.
func schemas() map[string][]byte {
	out := map[string][]byte{}
	for name, file := range map[string]struct {
		title string
		types any
	}{
		"conduit":  {"conduit.toml", Conduit{}},
		"provider": {"MediaConduit.provider.yml", Provider{}},
		"service":  {"MediaConduit.service.yml", Service{}},
	} {
		s := of(file.types)
		s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", file.title
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(s); err != nil {
			panic(err) // the types of this package can always be written
		}
		out[name] = b.Bytes()
	}
	return out
}
