package manifest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// health reads healthCheck: its url with __PORT__ or a fixed port, or its endpoint; a text by itself is either. Only the
// path counts, because the real port is known only at run time.
func (r *reader) health(file string, n *node) (Health, error) {
	if n == nil {
		return Health{}, nil
	}
	r.typos(file, n, []string{"url", "endpoint", "path", "interval", "timeout", "retries", "test", "startPeriod", "start_period"})
	where := n
	if n.kind == dict {
		where = n.get("url", "endpoint", "path")
	}
	h := Health{
		Interval: r.duration(file, "healthCheck.interval", n.get("interval")),
		Timeout:  r.duration(file, "healthCheck.timeout", n.get("timeout")),
		Start:    r.duration(file, "healthCheck.startPeriod", n.get("startPeriod", "start_period")),
	}
	if retries := n.get("retries"); retries != nil {
		count, ok := retries.number()
		if !ok || count < 0 {
			r.warn(file, retries.line, fmt.Sprintf("healthCheck.retries %q is no number and is ignored", retries.string()))
			count = 0
		}
		h.Retries = count
	}
	text := where.string()
	if text == "" {
		return h, nil
	}
	if !strings.Contains(text, "://") {
		h.Path = "/" + strings.TrimLeft(text, "/")
		return h, nil
	}
	u, err := url.Parse(strings.NewReplacer("__PORT__", "1", "${PORT}", "1", "{PORT}", "1").Replace(text))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		e := r.fail(file, where.line, fmt.Sprintf("healthCheck: %q is not a web address", text),
			"write it as\n  healthCheck:\n    url: http://localhost:__PORT__/health")
		e.Err = err
		return h, e
	}
	h.Path = u.RequestURI()
	return h, nil
}

// duration is a Go duration. A bare number is seconds, from 1000 on milliseconds: nobody probes every 17 minutes.
func (r *reader) duration(file, key string, n *node) string {
	text := n.string()
	if text == "" {
		return ""
	}
	if i, ok := n.number(); ok && i >= 0 {
		unit := "s"
		if i >= 1000 {
			unit = "ms"
		}
		return strconv.Itoa(i) + unit
	}
	if d, err := time.ParseDuration(text); err != nil || d < 0 {
		r.warn(file, n.line, fmt.Sprintf("%s %q is no duration such as 30s and is ignored", key, text))
		return ""
	}
	return text
}

// ports reads container ports: numbers, or compose's short and long syntax, of which the container's side counts.
func (r *reader) ports(file string, n *node) ([]int, error) {
	if n == nil {
		return nil, nil
	}
	items := n.items
	if n.kind != list {
		items = []*node{n}
	}
	var out []int
	for _, item := range items {
		text := item.string()
		if item.kind == dict {
			text = item.get("target", "container", "port").string()
		}
		short := text[strings.LastIndexByte(text, ':')+1:]
		short, _, _ = strings.Cut(short, "/")
		if short == "__PORT__" {
			short = "0"
		}
		port, err := strconv.Atoi(short)
		if err != nil || port < 0 || port > 65535 {
			return nil, r.fail(file, item.line, fmt.Sprintf("ports: %q is no port", text),
				"write a container port from 1 to 65535, or 0 for any, as in\n  ports: [8080]")
		}
		out = append(out, port)
	}
	return out, nil
}
