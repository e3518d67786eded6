package measure

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Peer is one of the commands that are compared.
type Peer struct {
	Name string
	// Command makes the command for one run. The folder dir is new and empty; it is deleted when all runs are over, since
	// a file system is slow for some time after many files were deleted.
	Command func(dir string) (*exec.Cmd, error)
	// Wall, where it is set, takes the time of a run out of what the command printed, for commands that do more than
	// what is measured.
	Wall func(stdout []byte) (time.Duration, error)
}

// Result is what the runs of one peer took, medians.
type Result struct {
	Name string
	Wall time.Duration
	CPU  time.Duration // user and system time of the whole process
	Min  time.Duration // the shortest run: what the machine can do when nobody disturbs
	Peak int64         // bytes of memory of the largest process, resident; 0 where the system does not tell
}

// Alternate runs the peers in turns, each once without counting and then runs times, in new folders below work.
func Alternate(work string, runs int, peers ...Peer) ([]Result, error) {
	walls, cpus := make([][]time.Duration, len(peers)), make([][]time.Duration, len(peers))
	peaks := make([][]int64, len(peers))
	for round := range runs + 1 {
		for i, p := range peers {
			dir := filepath.Join(work, fmt.Sprintf("%d-%d", i, round))
			if err := os.MkdirAll(dir, 0o777); err != nil {
				return nil, err
			}
			wall, state, err := p.run(dir)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.Name, err)
			}
			if round > 0 {
				walls[i], cpus[i] = append(walls[i], wall), append(cpus[i], state.UserTime()+state.SystemTime())
				peaks[i] = append(peaks[i], Peak(state))
			}
		}
	}
	out := make([]Result, len(peers))
	for i, p := range peers {
		out[i] = Result{Name: p.Name, Wall: Median(walls[i]), CPU: Median(cpus[i]), Min: slices.Min(walls[i]), Peak: Median(peaks[i])}
	}
	return out, nil
}

func (p Peer) run(dir string) (wall time.Duration, state *os.ProcessState, err error) {
	cmd, err := p.Command(dir)
	if err != nil {
		return 0, nil, err
	}
	var stdout, stderr bytes.Buffer
	cmd.Stderr = &stderr
	if p.Wall != nil {
		cmd.Stdout = &stdout // else to the null device, as cheap as it gets
	}
	start := time.Now()
	err = cmd.Run()
	wall = time.Since(start)
	if err != nil {
		return 0, nil, fmt.Errorf("%w\n%s", err, stderr.Bytes())
	}
	if p.Wall != nil {
		if wall, err = p.Wall(stdout.Bytes()); err != nil {
			return 0, nil, err
		}
	}
	return wall, cmd.ProcessState, nil
}

// Nanoseconds is a [Peer.Wall] for commands that print nothing but a number of nanoseconds.
func Nanoseconds(stdout []byte) (time.Duration, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(string(stdout)), 10, 64)
	return time.Duration(n), err
}

// Median is the middle of the list, or the mean of the two in the middle.
func Median[T time.Duration | int64](list []T) T {
	s := slices.Sorted(slices.Values(list))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// Table prints results beside the first one, whose ratio is 1.
func Table(w io.Writer, title string, results []Result) error {
	fmt.Fprintf(w, "\n%s\n", title)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "wall ms\tmin ms\tuser+sys ms\tpeak MB\tratio\t  ")
	for _, r := range results {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%.2f\t  %s\n", ms(r.Wall), ms(r.Min), ms(r.CPU), r.Peak/1e6, r.Ratio(results[0]), r.Name)
	}
	return t.Flush()
}

// Ratio is the wall time in multiples of another result's.
func (r Result) Ratio(of Result) float64 { return float64(r.Wall) / float64(of.Wall) }

func ms(d time.Duration) string { return strconv.FormatFloat(float64(d)/1e6, 'f', 1, 64) }
