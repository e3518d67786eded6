package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/exec/hold"
)

// The target: a tenth more, or so much.
const (
	mostRatio = 1.1
	mostAdded = 100 * time.Microsecond
)

const turn = 100 // requests to one address before the other

func main() {
	runs := flag.Int("runs", 7, "rounds, of 2,000 requests to each address")
	role := flag.String("role", "", "used by the benchmark itself")
	to := flag.String("to", "", "used by the benchmark itself")
	flag.String("conduit", "", "not used: the holder is in this program")
	flag.Bool("keep", false, "not used: nothing is kept")
	flag.Parse()
	var err error
	switch *role {
	case "service":
		err = serve()
	case "holder":
		err = holdAddress(*to)
	default:
		err = measure(*runs * 2000)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hold:", err)
		os.Exit(1)
	}
}

// serve answers every request with a kilobyte.
func serve() error {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	body := []byte(strings.Repeat("x", 1024))
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
}

func holdAddress(to string) error {
	a, err := hold.Listen("service", 0, hold.NewGate(), time.Minute)
	if err != nil {
		return err
	}
	a.Gate.Open(to)
	fmt.Printf("127.0.0.1:%d\n", a.Port())
	_, err = io.Copy(io.Discard, os.Stdin) // until the benchmark ends
	return err
}

// start runs this program in another role and returns the address that it prints.
func start(args ...string) (address string, stop func(), err error) {
	c := exec.Command(os.Args[0], args...)
	c.Stderr = os.Stderr
	if _, err = c.StdinPipe(); err != nil {
		return "", nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
	}
	return strings.TrimSpace(line), stop, err
}

func measure(requests int) error {
	service, stopService, err := start("-role", "service")
	if err != nil {
		return err
	}
	defer stopService()
	held, stopHolder, err := start("-role", "holder", "-to", service)
	if err != nil {
		return err
	}
	defer stopHolder()
	addresses := []string{service, held}
	times := make([][]time.Duration, len(addresses))
	clients := []*http.Client{{Transport: &http.Transport{}}, {Transport: &http.Transport{}}}
	for done := -turn; done < requests; done += turn { // the first turn is not counted
		for i, address := range addresses {
			for range turn {
				took, err := request(clients[i], address)
				if err != nil {
					return err
				}
				if done >= 0 {
					times[i] = append(times[i], took)
				}
			}
		}
	}
	direct, through := median(times[0]), median(times[1])
	added := through - direct
	ok := added <= mostAdded || float64(through) <= mostRatio*float64(direct)
	verdict := "ok"
	if !ok {
		verdict = "MISSED"
	}
	fmt.Printf("held address: median of %d requests %s, direct %s: %s added, ratio %.2f (target: %s or %.1f) %s\n",
		requests, through.Round(time.Microsecond), direct.Round(time.Microsecond), added.Round(time.Microsecond), float64(through)/float64(direct), mostAdded, mostRatio, verdict)
	if !ok {
		return fmt.Errorf("the target was missed")
	}
	return nil
}

func request(c *http.Client, address string) (time.Duration, error) {
	began := time.Now()
	resp, err := c.Get("http://" + address + "/")
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return time.Since(began), err
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
