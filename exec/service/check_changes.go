package service

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/MediaConduit/conduit/report"
)

// changes lists what conduit changes in a compose file so that several copies can run at once, by the lines of the file. A
// file that cannot be read has none; what is wrong with it is said elsewhere.
func changes(spec Spec) []Finding {
	file := composeFile(spec)
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	c := &changed{spec: spec, file: file}
	each(doc.Content[0], func(key, value *yaml.Node) {
		switch key.Value {
		case "version":
			c.add(key, false, "version", "version is obsolete and ignored", "delete the line")
		case "name":
			c.add(key, true, "name", "name: "+value.Value+" is replaced by a name of the project's own", "delete the line")
		case "services":
			each(value, c.service)
		case "networks":
			each(value, func(name, about *yaml.Node) { c.resource("network", name, about) })
		case "volumes":
			each(value, func(name, about *yaml.Node) { c.resource("volume", name, about) })
		}
	})
	return c.found
}

// each visits the keys of a map with their values, in order.
func each(n *yaml.Node, visit func(key, value *yaml.Node)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		visit(n.Content[i], n.Content[i+1])
	}
}

// changed collects what is changed in one file.
type changed struct {
	spec  Spec
	file  string
	found []Finding
}

func (c *changed) add(at *yaml.Node, fixed bool, change, what, next string) {
	c.found = append(c.found, Finding{Level: LevelWarning, Where: place(c.spec, c.file, at.Line), What: what, Next: next, fixed: fixed, change: change})
}

func (c *changed) service(name, about *yaml.Node) {
	c.unused(about)
	each(about, func(key, value *yaml.Node) {
		switch key.Value {
		case "container_name":
			c.add(key, true, "container_name", "container_name: "+value.Value+" is dropped: two containers cannot have one name", "delete the line")
		case "mac_address":
			c.add(key, true, "mac_address", "mac_address is dropped", "delete the line")
		case "ports":
			for _, port := range value.Content {
				c.port(name.Value, port)
			}
		case "networks":
			each(value, func(network, settings *yaml.Node) {
				each(settings, func(k, v *yaml.Node) {
					switch k.Value {
					case "ipv4_address", "ipv6_address", "mac_address":
						c.add(k, true, k.Value, k.Value+": "+v.Value+" is dropped: the engine gives each copy an address", "delete the line, and reach containers by the names of their services")
					}
				})
			})
		case "image":
			if ref := value.Value; !strings.Contains(ref, "$") && !strings.Contains(ref, "@") && (untagged(ref) == ref || strings.HasSuffix(ref, ":latest")) {
				c.add(key, false, "", "image: "+ref+" means another image every day; conduit.lock pins the one that is there when a project locks", "name a version, as in "+untagged(ref)+":1.2")
			}
		case "volumes":
			for _, volume := range value.Content {
				c.mount(volume)
			}
		}
	})
}

// port finds ports that are published under a fixed number, or beyond this machine.
func (c *changed) port(service string, n *yaml.Node) {
	published, host := "", ""
	target := n.Value
	if n.Kind == yaml.MappingNode {
		each(n, func(k, v *yaml.Node) {
			switch k.Value {
			case "published":
				published = v.Value
			case "host_ip":
				host = v.Value
			case "target":
				target = v.Value
			}
		})
	} else {
		parts := splitPort(n.Value)
		target = parts[len(parts)-1]
		if len(parts) > 1 {
			published = parts[len(parts)-2]
		}
		if len(parts) > 2 {
			host = strings.Join(parts[:len(parts)-2], ":")
		}
	}
	if published == "" && host == "" || published == "0" || strings.Contains(published, "_HOST_PORT") && !fixedDefault(published) {
		return
	}
	variable := strings.ToUpper(strings.TrimSuffix(strings.ReplaceAll(unique(service), "-", "_"), "_service")) + "_HOST_PORT"
	written := strings.Trim(host+":"+published, ":") + ":" + target
	c.add(n, published != "", "port "+written, "ports: "+written+" is published on a free port of 127.0.0.1, not as written", fmt.Sprintf(`write "${%s:-0}:%s"`, variable, target))
}

// fixedDefault tells ${X_HOST_PORT:-8080} from ${X_HOST_PORT:-0}.
func fixedDefault(text string) bool {
	_, value, ok := strings.Cut(strings.TrimSuffix(text, "}"), "-")
	return ok && value != "0" && value != ""
}

// splitPort splits the short form of a port at its colons, but not at those of ${NAME:-0} and [::1].
func splitPort(text string) []string {
	var out []string
	depth, start := 0, 0
	for i, r := range text {
		switch {
		case r == '{' || r == '[':
			depth++
		case r == '}' || r == ']':
			depth--
		case r == ':' && depth == 0:
			out, start = append(out, text[start:i]), i+1
		}
	}
	return append(out, text[start:])
}

// resource finds networks and volumes whose names are fixed, or which somebody else must have made.
func (c *changed) resource(kind string, name, about *yaml.Node) {
	each(about, func(key, value *yaml.Node) {
		switch {
		case key.Value == "name":
			c.add(key, true, kind+" name "+value.Value, fmt.Sprintf("the %s's name: %s is replaced by one of the project's own", kind, value.Value), "delete the line: "+name.Value+" is enough")
		case key.Value == "external" && value.Value != "false":
			c.add(key, true, "external "+kind+" "+name.Value, fmt.Sprintf("the %s %s is made for the project, not found outside of it", kind, name.Value), "delete the line")
		case key.Value == "ipam":
			c.add(key, true, "ipam", "ipam is dropped: the engine chooses the addresses of each copy", "delete the lines")
		}
	})
}

// mount finds folders of the package that a container is given to write into.
func (c *changed) mount(n *yaml.Node) {
	source, readonly := "", false
	if n.Kind == yaml.MappingNode {
		each(n, func(k, v *yaml.Node) {
			switch k.Value {
			case "source":
				source = v.Value
			case "read_only":
				readonly = v.Value == "true"
			}
		})
	} else {
		parts := strings.Split(n.Value, ":")
		source, readonly = parts[0], len(parts) > 2 && strings.Contains(parts[2], "ro")
	}
	if !strings.HasPrefix(source, ".") || readonly {
		return
	}
	what := source + " is mounted read-only: all projects of a machine share the package's files"
	if !exists(absolute(filepath.Dir(c.file), source)) {
		what = source + " is not in the package: a volume of the project is mounted in its place"
	}
	c.add(n, false, "folder "+source, "volumes: "+what, "mount a named volume for what the service writes, and its own files with :ro")
}

// warnFixed says what was changed in a compose file that was written for one copy on a machine.
func warnFixed(ctx context.Context, spec Spec) {
	var what []string
	fixed := false
	for _, f := range changes(spec) {
		if f.change != "" {
			_, line, _ := strings.Cut(f.Where, ":")
			what = append(what, f.change+" (line "+line+")")
		}
		fixed = fixed || f.fixed
	}
	if fixed {
		report.Warn(ctx, spec.Name, within(spec, composeFile(spec)), "it is written for one copy on a machine; changed so that each project has its own: "+strings.Join(what, ", ")+
			"; conduit check "+spec.Dir+" shows what to write instead")
	}
}
