package service

import "testing"

// TestFreePort chooses ports for starts that are all under way at once: none is chosen twice, though nobody listens yet.
func TestFreePort(t *testing.T) {
	taken := map[int]bool{}
	for range 300 {
		port, release, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if taken[port] {
			t.Errorf("port %d was chosen twice", port)
		}
		taken[port] = true
	}
	for port := range taken {
		if _, ours := reserve(port); ours {
			t.Errorf("port %d is not kept", port)
		}
	}
	port, release, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	release()
	again, ours := reserve(port)
	if !ours {
		t.Errorf("port %d is still kept", port)
	}
	again()
}
