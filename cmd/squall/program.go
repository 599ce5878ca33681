package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// self is the path of this program, for the processes it starts.
func self() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the squall program: %w", err)
	}
	return path, nil
}

// executable is the absolute path of a program that a flag names.
func executable(flag, path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err == nil {
		_, err = exec.LookPath(abs)
	}
	if err != nil {
		return "", usageError{fmt.Errorf("%s: %w", flag, err)}
	}
	return abs, nil
}

// digest tells one build of a program from another; "unreadable" if it cannot be
// read.
func digest(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "unreadable"
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "unreadable"
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}
