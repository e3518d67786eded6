package project

import (
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// fitsMachine refuses a Node.js that cannot run here because the machine's C library is another one or too old, as far as
// the file itself tells without being run: nothing that is fetched runs in a sync. What is no ELF file is not looked at,
// nor what the machine keeps in unusual places.
func fitsMachine(t lockfile.Tool, path string) error {
	program, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer program.Close()
	loader := loaderOf(program)
	if loader == "" {
		return nil
	}
	if _, err := os.Stat(loader); errors.Is(err, fs.ErrNotExist) {
		return unfit(t, "it needs glibc, whose loader "+loader+" is not here; Alpine and other musl systems have none")
	}
	needs, err := program.DynamicVersionNeeds()
	if err != nil {
		return nil
	}
	needed := ""
	for _, n := range needs {
		if n.Name != glibc {
			continue
		}
		for _, d := range n.Needs {
			needed = newerGlibc(needed, d.Dep)
		}
	}
	if have := glibcBeside(loader); have != "" && newerGlibc(have, needed) != have {
		return unfit(t, "it needs glibc "+strings.TrimPrefix(needed, glibcPrefix)+", this machine has "+strings.TrimPrefix(have, glibcPrefix))
	}
	return nil
}

const (
	glibc       = "libc.so.6"
	glibcPrefix = "GLIBC_" // of the versions of symbols (System V ABI with GNU's symbol versioning): "GLIBC_2.28"
)

// loaderOf is the program interpreter that an ELF file names, "" for none.
func loaderOf(program *elf.File) string {
	for _, p := range program.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		name := make([]byte, min(p.Filesz, 4096))
		if _, err := p.ReadAt(name, 0); err != nil {
			return ""
		}
		return strings.TrimRight(string(name), "\x00")
	}
	return ""
}

// glibcBeside is the newest symbol version of the C library that lies beside a loader, "" if none can be read.
func glibcBeside(loader string) string {
	real, err := filepath.EvalSymlinks(loader)
	if err != nil {
		return ""
	}
	library, err := elf.Open(filepath.Join(filepath.Dir(real), glibc))
	if err != nil {
		return ""
	}
	defer library.Close()
	versions, err := library.DynamicVersions()
	if err != nil {
		return ""
	}
	have := ""
	for _, v := range versions {
		have = newerGlibc(have, v.Name)
	}
	return have
}

// newerGlibc is the higher of two symbol versions; what is not numbered, such as GLIBC_PRIVATE, is the lowest.
func newerGlibc(a, b string) string {
	version := func(s string) string { return "v" + strings.TrimPrefix(s, glibcPrefix) }
	if semver.Compare(version(b), version(a)) > 0 {
		return b
	}
	return a
}

func unfit(t lockfile.Tool, why string) error {
	return &report.Error{Kind: report.Provider, What: "Node.js " + t.Version + " from the npm registry cannot run on this machine", Where: t.Package + "@" + t.Version, Why: why,
		Next: "use a system with a newer glibc, such as Debian 12\nor take [toolchain] node out of " + lockfile.ManifestName + " and have a Node.js made for this one in PATH"}
}
