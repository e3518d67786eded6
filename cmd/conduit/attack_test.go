package main

import (
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func init() {
	commands["edit"] = editFile
	commands["commit"] = commitOf
	commands["nested"] = nested
	commands["droptag"] = dropTag
	commands["owned"] = owned
}

// edit FILE PATTERN REPLACEMENT replaces what matches in a file as it was when edit was first used on it.
func editFile(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	good, ok := of(ts).saved["edit "+path]
	if !ok {
		data, err := os.ReadFile(path)
		ts.Check(err)
		good = string(data)
		of(ts).saved["edit "+path] = good
	}
	changed := regexp.MustCompile("(?m)"+args[1]).ReplaceAllLiteralString(good, strings.ReplaceAll(args[2], `\n`, "\n"))
	if changed == good {
		ts.Fatalf("nothing in %s matches %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(changed), 0o666))
}

// commit OWNER/REPO REVISION VARIABLE sets a variable to the hash of a commit.
func commitOf(ts *testscript.TestScript, _ bool, args []string) {
	hash, err := of(ts).git.Commit(args[0], args[1])
	ts.Check(err)
	ts.Setenv(args[2], hash)
}

// nested FILE HEAD BRACKET writes a file of HEAD and 100,000 brackets that nobody closes.
func nested(ts *testscript.TestScript, _ bool, args []string) {
	head := strings.ReplaceAll(args[1], `\n`, "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(head+strings.Repeat(args[2], 100_000)), 0o666))
}

// droptag OWNER/REPO TAG removes a tag.
func dropTag(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(of(ts).git.DeleteTag(args[0], args[1]))
}

// owned UID FILE gives a file to another user, where the test is root.
func owned(ts *testscript.TestScript, _ bool, args []string) {
	uid, err := strconv.Atoi(args[0])
	ts.Check(err)
	if os.Getuid() == 0 {
		ts.Check(os.Chown(ts.MkAbs(args[1]), uid, -1))
	}
}
