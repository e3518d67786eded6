package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/MediaConduit/conduit/bench/measure"
)

// file measures the memory that a large file needs, beside a small one: conduit run -i FILE -o FILE.
func file(ctx context.Context, conduit, dir string, runs int) error {
	var conduits, hosts [2][]int64
	for range runs {
		for i, size := range []int64{small, large} {
			c, h, err := passFile(ctx, conduit, dir, size)
			if err != nil {
				return err
			}
			conduits[i], hosts[i] = append(conduits[i], c), append(hosts[i], h)
		}
	}
	fmt.Printf("\nA file of %d MB in and out beside one of %d bytes: peak of memory, median of %d runs\n", large/1_000_000, small, runs)
	var failures []error
	for _, each := range []struct {
		name  string
		peaks [2][]int64
	}{{"conduit", conduits}, {"the provider's process", hosts}} {
		before, after := measure.Median(each.peaks[0]), measure.Median(each.peaks[1])
		fmt.Printf("%s: %d MB, %d MB\n", each.name, before/1_000_000, after/1_000_000)
		failures = append(failures, target("more memory of "+each.name, fmt.Sprintf("%d MB", (after-before)/1_000_000),
			fmt.Sprintf("at most %d MB", memoryTarget/1_000_000), after-before <= memoryTarget))
	}
	return errors.Join(failures...)
}

// passFile has the provider give back a file of random bytes, and returns the peaks of memory of conduit and of the
// provider's process in bytes.
func passFile(ctx context.Context, conduit, dir string, size int64) (conduitPeak, hostPeak int64, err error) {
	in, out := filepath.Join(dir, "in.mp4"), filepath.Join(dir, "out.mp4")
	want, err := writeRandom(in, size)
	if err != nil {
		return 0, 0, err
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, conduit, "--json", "-C", dir, "run", "overhead/through", "-i", in, "-o", out)
	cmd.Stderr = &stderr
	answer, err := cmd.Output()
	if err != nil {
		return 0, 0, fmt.Errorf("%w\n%s%s", err, answer, stderr.Bytes())
	}
	f, err := os.Open(out)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	got := sha256.New()
	if _, err := io.Copy(got, f); err != nil {
		return 0, 0, err
	}
	if !bytes.Equal(got.Sum(nil), want) {
		return 0, 0, errors.New("the file came out otherwise than it went in")
	}
	peak, err := hostPeakOf(answer)
	return measure.Peak(cmd.ProcessState), peak, err
}

// writeRandom writes a file of random bytes and returns its hash. It never holds all of it: a process that is started begins
// with the peak of the one that starts it.
func writeRandom(path string, size int64) ([]byte, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	_, err = io.CopyN(io.MultiWriter(f, hash), rand.NewChaCha8([32]byte{}), size)
	return hash.Sum(nil), errors.Join(err, f.Close())
}

// hostPeakOf reads what the provider said of its memory.
func hostPeakOf(answer []byte) (int64, error) {
	for line := range bytes.Lines(answer) {
		var event struct {
			Result *struct {
				Outputs []struct{ Metadata struct{ Peak int64 } }
			}
		}
		if json.Unmarshal(line, &event) == nil && event.Result != nil && len(event.Result.Outputs) == 1 {
			return event.Result.Outputs[0].Metadata.Peak, nil
		}
	}
	return 0, fmt.Errorf("no result in %s", answer)
}
