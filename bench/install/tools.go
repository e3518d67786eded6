package main

import (
	"os"
	"os/exec"
	"path/filepath"
)

// tool is one of the programs that are compared. Its scripts run in the folder of the projects, once for all of them.
type tool struct {
	name    string
	lock    string // name of its lock file
	convert string // makes the lock file from npm's
	install string // from the lock
	build   string // bundles the entries, where the tool can
	resolve string // makes a lock where there is none, and installs nothing
}

// each runs a command in every project. The shell's own part is a millisecond.
func each(command string) string {
	return `set -e; top=$PWD; for p in */; do cd "$top/$p"; ` + command + `; done`
}

func (w *world) tools() []tool {
	return []tool{
		{
			name: "conduit", lock: "conduit.lock",
			convert: `"$CONDUIT" -q --progress none lock`,
			install: `exec "$CONDUIT" -q --progress none sync --locked`,
			resolve: `exec "$SELF" -resolve .`,
		},
		{
			name: "bun", lock: "bun.lock",
			convert: each(`bun install --lockfile-only --ignore-scripts`),
			install: each(`bun install --frozen-lockfile --ignore-scripts`),
			build:   each(`bun build src/index.ts --target=node --sourcemap=linked --outdir=out`),
			resolve: each(`bun install --lockfile-only --ignore-scripts`),
		},
		{
			name: "pnpm", lock: "pnpm-lock.yaml",
			convert: each(`pnpm import`),
			install: each(`pnpm install --frozen-lockfile --ignore-scripts`),
		},
		{
			name: "npm", lock: "package-lock.json",
			install: each(`npm ci --ignore-scripts --no-audit --no-fund`),
		},
	}
}

func (w *world) tool(name string) tool {
	for _, t := range w.tools() {
		if t.name == name {
			return t
		}
	}
	panic("no tool " + name)
}

// command runs a script of a tool. Everything that the tool keeps lies below home.
func (w *world) command(_ tool, script, at, home string) (*exec.Cmd, error) {
	if err := writeFile(filepath.Join(home, ".npmrc"), []byte("registry="+w.registry.url+"\n")); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = at
	cmd.Env = []string{
		"PATH=" + filepath.Join(w.peers, "node_modules", ".bin") + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, ".cache"), "XDG_DATA_HOME=" + filepath.Join(home, ".local"),
		"CI=true", "DO_NOT_TRACK=1", "NO_UPDATE_NOTIFIER=1",
		"npm_config_registry=" + w.registry.url, "npm_config_cache=" + filepath.Join(home, "npm"), "npm_config_update_notifier=false",
		"npm_config_store_dir=" + filepath.Join(home, "pnpm"), "pnpm_config_store_dir=" + filepath.Join(home, "pnpm"),
		"BUN_INSTALL_CACHE_DIR=" + filepath.Join(home, "bun"),
		"CONDUIT_CACHE=" + filepath.Join(home, "conduit"), "CONDUIT=" + w.conduit, "SELF=" + self,
		"DOCKER_HOST=unix://" + filepath.Join(home, "no-engine.sock"),
	}
	return cmd, nil
}
