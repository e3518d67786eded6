package lockfile

import (
	"fmt"
	"strings"
	"testing"
)

func TestPermissions(t *testing.T) {
	m, err := ParseManifest("conduit.toml", []byte("conduit = \"0.1\"\n[providers.a]\nsource = \"github:a/b\"\npermissions = { read = [\"~/m\", \"/m\", \"./m\"], net = [\"*:80\", \"[::1]:443\"], run = [] }\nenv = [\"A\"]\n"+
		"[profile.p.providers.a]\npermissions = { write = [\"../w\"], run = [\"ffmpeg\", \"/bin/sh\"] }\n"))
	if err != nil {
		t.Fatal(err)
	}
	p := m.Providers[0].Permissions
	if got := fmt.Sprintf("%q %v %q %q", p.Read, p.Write == nil, p.Net, p.Run); got != `["~/m" "/m" "./m"] true ["*:80" "[::1]:443"] []` || p.Run == nil {
		t.Errorf("%s", got)
	}
	p = p.Overlay(m.Profiles["p"].Providers[0].Permissions)
	if got := fmt.Sprintf("%q %q %q %q", p.Read, p.Write, p.Net, p.Run); got != `["~/m" "/m" "./m"] ["../w"] ["*:80" "[::1]:443"] ["ffmpeg" "/bin/sh"]` {
		t.Errorf("with the profile: %s", got)
	}
	if set := m.Providers[0].Permitted(); fmt.Sprint(set) != "{[*:80 [::1]:443] [A] [~/m /m ./m] [] []}" || set.Write != nil || set.Run == nil {
		t.Errorf("all of it: %v", set)
	}
	if _, err := ParseManifest("conduit.toml", []byte("conduit = \"0.1\"\n[providers.a]\nsource = \"github:a/b\"\npermissions = { net = [\"*\"], run = [\"*\"] }\n")); err != nil {
		t.Errorf("no limits: %v", err)
	}
	for text, want := range map[string]string{
		`{ raed = [] }`:             "read",
		`{ read = "m" }`:            "must be a list of text",
		`{ read = ["m"] }`:          "beginning with ./",
		`{ write = [""] }`:          `write = ["~/pictures"]`,
		`{ net = ["example.com"] }`: `"example.com" is not HOST:PORT`,
		`{ net = [":443"] }`:        "HOST:PORT",
		`{ net = ["a:0"] }`:         "HOST:PORT",
		`{ net = ["a:65536"] }`:     "HOST:PORT",
		`{ run = ["bin/x"] }`:       "a name in PATH, or an absolute path",
		`{ run = [""] }`:            `run = ["ffmpeg"]`,
		`[]`:                        "table",
	} {
		_, err := ParseManifest("conduit.toml", []byte("conduit = \"0.1\"\n[providers.a]\nsource = \"github:a/b\"\npermissions = "+text+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ":4") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
