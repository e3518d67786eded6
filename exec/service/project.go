package service

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"
)

// ProjectID is the identity of the project in folder dir: readable, unique for each folder on this machine, and valid in
// names of containers, networks, volumes and files. Two paths that lead to one folder through symbolic links are one
// project.
func ProjectID(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	sum := sha256.Sum256([]byte(dir))
	return shorten(slug(filepath.Base(dir)), 24) + "-" + hex.EncodeToString(sum[:5])
}

// slug turns s into what compose takes as a project name: lower case letters, digits and single dashes, starting with a
// letter or digit.
func slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		} else {
			dash = true
		}
	}
	if b.Len() == 0 {
		return "project"
	}
	return b.String()
}

// unique is s as a slug, and different for different s.
func unique(s string) string {
	plain := slug(s)
	if plain == s {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return plain + "-" + hex.EncodeToString(sum[:3])
}

func shorten(s string, n int) string {
	if len(s) > n {
		s = strings.TrimRight(s[:n], "-")
	}
	return s
}

func baseURL(port int) string { return "http://127.0.0.1:" + strconv.Itoa(port) }
