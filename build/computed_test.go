package build

import "testing"

func TestKeepOffDisk(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{`require("./a")`, `require("./a")`},
		{`require('./' + a)`, `require(globalThis&&'./' + a)`},
		{`x(1); require ( /* hint */ '../b/' + a + '.js'); y()`, `x(1); require (globalThis&& /* hint */ '../b/' + a + '.js'); y()`},
		{"import(`./${a}.js`)", "import(globalThis&&`./${a}.js`)"},
		{"import(`./a.js`)", "import(`./a.js`)"},
		{`require(("./" + a))`, `require(globalThis&&("./" + a))`},
		{`import("./a", { with: {} }).then(f)`, `import("./a", { with: {} }).then(f)`},
		{`require("./a" /* b */ )`, `require("./a" /* b */ )`},
		{`require(name); require("a" + b)`, `require(name); require("a" + b)`},
		{`require.resolve("./" + a)`, `require.resolve("./" + a)`},
		{`require("./'" + a`, `require(globalThis&&"./'" + a`},
		{`require("./`, `require("./`},
		{"//# sourceMappingURL=a.js.map", "//# sourceMappingURL=a.js.map"},
		{"//# sourceMappingURL=FILE:///etc/a.map\nx", "//# sourceMappingURL=none:///etc/a.map\nx"},
		{"//# sourceMappingURL=data:a", "//# sourceMappingURL=data:a"},
	} {
		if got := keepOffDisk(c.source); got != c.want {
			t.Errorf("%s\n gives %s\n want  %s", c.source, got, c.want)
		}
	}
}

func FuzzKeepOffDisk(f *testing.F) {
	f.Add("require('./' + a)\n//# sourceMappingURL=file:x")
	f.Fuzz(func(t *testing.T, source string) {
		once := keepOffDisk(source)
		if len(once) < len(source) {
			t.Errorf("text was lost: %q", once)
		}
	})
}
