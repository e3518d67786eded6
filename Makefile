# make demo   shows the main job: two commands on a fresh machine, nothing left running
# make test   installs what the tests need and runs all of them
# make fuzz   fuzzes each parser of foreign texts for a minute, and syncs under faults of another seed; for a night's machine
# make bench  measures conduit beside its peers and prints ratios

.PHONY: build demo test lint fuzz bench

build:
	CGO_ENABLED=0 go build -trimpath -o bin/conduit ./cmd/conduit

demo: build
	./examples/cowsay/demo.sh

test:
	./testdata/test.sh

lint:
	./testdata/lint.sh

fuzz:
	./testdata/fuzz.sh 60s
	seed=$$(date +%s); CONDUIT_CHAOS_SEED=$$seed CONDUIT_DISK_SEED=$$seed CONDUIT_FULL_SEED=$$seed \
		go test ./cmd/conduit -count=1 -v -run '^(TestChaos|TestFaultyDisk|TestFullDisk)$$'

bench: build
	./bench/run.sh
