package main

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// plantedText is in every secret that scripts plant; its middle is letters and digits alone, so that it is the same in JSON
// and in addresses.
var plantedText = regexp.MustCompile(`7q[0-9]f|7q1fenv` + inBase64("7q1fenv"))

// inBase64 are the alternatives of a pattern for text anywhere in a text that is written in base64.
func inBase64(text string) string {
	out := ""
	for _, each := range base64Of(text) {
		out += "|" + regexp.QuoteMeta(each)
	}
	return out
}

// base64Of is what text, anywhere in a longer one, may be in base64.
func base64Of(text string) (out []string) {
	for before, skip := range []int{0, 2, 3} {
		whole := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + text))
		out = append(out, whole[skip:(before+len(text))/3*4])
	}
	return out
}

// planted FILE|FOLDER|stdout|stderr... checks that none of them has a secret that was planted; it is used with "!" only.
func planted(ts *testscript.TestScript, neg bool, args []string) {
	if !neg {
		ts.Fatalf("use it as ! planted FILE...")
	}
	for _, name := range args {
		if name == "stdout" || name == "stderr" {
			free(ts, name, []byte(ts.ReadFile(name)))
			continue
		}
		ts.Check(filepath.WalkDir(ts.MkAbs(name), func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			free(ts, path, data)
			return err
		}))
	}
}

// free fails the script if data has a planted secret.
func free(ts *testscript.TestScript, what string, data []byte) {
	if at := plantedText.FindIndex(data); at != nil {
		ts.Fatalf("%s has a planted secret: …%q…", what, data[max(0, at[0]-100):min(len(data), at[1]+50)])
	}
}

// confined TEXT COMMAND ARG... starts a command and looks, when it has written TEXT to standard error, at the command lines
// and environments of all processes of this script. No command line may have a planted secret. The command's own
// environment has them all; of the others only a provider's host may have one, PLANTED_PASSED. Then the command is
// interrupted.
func confined(ts *testscript.TestScript, _ bool, args []string) {
	hosts, services := 0, 0
	during(ts, os.Interrupt, args[0], args[1:], func(pid int) {
		paths, err := filepath.Glob("/proc/[0-9]*")
		ts.Check(err)
		for _, dir := range paths {
			line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
			env, _ := os.ReadFile(filepath.Join(dir, "environ"))
			if filepath.Base(dir) == strconv.Itoa(os.Getpid()) || !bytes.Contains(append(line, env...), []byte(ts.Getenv("WORK"))) {
				continue
			}
			free(ts, string(line), line)
			switch {
			case filepath.Base(dir) == strconv.Itoa(pid):
				continue
			case bytes.Contains(line, []byte("provider.mjs")):
				hosts++
				env = bytes.Replace(env, []byte("\x00PLANTED_PASSED="+ts.Getenv("PLANTED_PASSED")+"\x00"), []byte{0}, 1)
			case bytes.Contains(line, []byte("desk.mjs")):
				services++
			}
			free(ts, "the environment of "+string(line), env)
		}
	})
	if hosts != 1 || services == 0 {
		ts.Fatalf("looked at %d providers and %d services", hosts, services)
	}
}
