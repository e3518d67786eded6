package library

import "testing"

func TestBundledDependencies(t *testing.T) {
	for _, tt := range []struct{ name, packages, want string }{
		{
			"what is named and not in the tarball is an ordinary dependency",
			`a@1.0.0 {"dependencies": {"b": "1", "c": "1"}, "bundleDependencies": ["b", "c"], "files": {"node_modules/b/package.json": {}}}
				b@1.0.0
				c@1.0.0`,
			lines(".: a@1.0.0", "a@1.0.0: c@1.0.0", "c@1.0.0:"),
		},
		{
			"all of them",
			`a@1.0.0 {"dependencies": {"b": "1", "@s/c": "1"}, "bundleDependencies": true, "files": {"node_modules/b/package.json": {}, "node_modules/@s/c/package.json": {}}}`,
			lines(".: a@1.0.0", "a@1.0.0:"),
		},
		{
			"what a bundled package needs and does not find beside it comes from outside",
			`a@1.0.0 {"dependencies": {"b": "1"}, "bundleDependencies": ["b"], "files": {"node_modules/b/package.json": {"dependencies": {"c": "^1", "d": "^1", "e": "^1"}, "peerDependencies": {"f": "*"}}, "node_modules/c/package.json": {}, "node_modules/b/node_modules/d/package.json": {"dependencies": {"c": "^1", "g": "*"}}}}
				e@1.0.0
				f@1.0.0
				g@1.0.0`,
			lines(".: a@1.0.0", "a@1.0.0: e@1.0.0 g@1.0.0", "e@1.0.0:", "g@1.0.0:"),
		},
		{
			"a package for WebAssembly is taken at its word",
			`a@1.0.0 {"cpu": ["wasm32"], "dependencies": {"b": "1"}, "bundleDependencies": ["b"]}`,
			lines(".: a@1.0.0", "a@1.0.0:"),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reg, client := startRegistry(t)
			publish(t, reg, tt.packages)
			got, err := Resolve(t.Context(), client, Request{Subject: "p", Dependencies: map[string]string{"a": "1"}})
			if err != nil {
				t.Fatal(err)
			}
			if s := draw(got); s != tt.want {
				t.Errorf("got\n%swant\n%s", s, tt.want)
			}
		})
	}
}
