package main

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// peerFiles pin the peers: package.json and npm's lock file.
//
//go:embed peers
var peerFiles embed.FS

// installPeers installs the peers with npm, once for each state of their lock file, and returns the folder.
func installPeers(snapshot string) (string, error) {
	lock, err := peerFiles.ReadFile("peers/package-lock.json")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(lock)
	dir := filepath.Join(snapshot, "peers-"+hex.EncodeToString(sum[:6]))
	complete := filepath.Join(dir, "complete")
	if _, err := os.Stat(complete); err == nil {
		return dir, nil
	}
	manifest, err := peerFiles.ReadFile("peers/package.json")
	if err != nil {
		return "", err
	}
	if err := writeFile(filepath.Join(dir, "package.json"), manifest); err != nil {
		return "", err
	}
	if err := writeFile(filepath.Join(dir, "package-lock.json"), lock); err != nil {
		return "", err
	}
	cmd := exec.Command("npm", "install", "--no-audit", "--no-fund") // not ci: it refuses a lock without the platforms that a mirror lacks
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("installing the peers needs npm: %w\n%s", err, out)
	}
	return dir, os.WriteFile(complete, nil, 0o666)
}
