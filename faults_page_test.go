package squall

import (
	"os"
	"testing"
)

// TestFaultsPage holds docs/faults.md to the registry; -update writes it.
func TestFaultsPage(t *testing.T) {
	const path = "docs/faults.md"
	if *update {
		if err := os.WriteFile(path, []byte(FaultsPage()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != FaultsPage() {
		t.Error("docs/faults.md is not what the registry says; go test . -run TestFaultsPage -update writes it")
	}
}
