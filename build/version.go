package build

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"sync"

	"github.com/MediaConduit/conduit/sdk"
)

// esbuildVersion is the version of esbuild in go.mod; a test compares them.
const esbuildVersion = "0.28.2"

// format is raised with every change of this package that changes the bytes of an artifact; a test notices.
const format = "8"

// Version names what builds artifacts, as the lock keeps it: "esbuild 0.28.2, sdk 0.1.0+0a1b2c3d, layout 1". The digits
// after the SDK's version are of a hash over its sources, so that equal versions mean equal bytes.
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	return "esbuild " + esbuildVersion + ", sdk " + sdk.Version + "+" + sdkSum()[:8] + ", layout " + format
})

// sdkSum is a hash over the sources of the SDK.
var sdkSum = sync.OnceValue(func() string { return embedded("src") })

// embedded is a hash over a folder of the embedded SDK.
func embedded(dir string) string {
	sum := sha256.New()
	err := fs.WalkDir(sdk.FS, dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sdk.FS, name)
		file := sha256.Sum256(data)
		io.WriteString(sum, hex.EncodeToString(file[:])+"  "+name+"\n")
		return err
	})
	if err != nil {
		panic(err) // the file system is part of the binary
	}
	return hex.EncodeToString(sum.Sum(nil))
}
