package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// stamp is the version that `make build` writes in: what git describe says.
var stamp string

// version tells which squall this is: "v1.2.0-3-gfaebab6 (go1.26.8, linux/amd64)".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return fmt.Sprintf("%s (%s, %s/%s)", versionOf(stamp, info), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// versionOf returns the stamp, or else the version of the module, or else the
// revision that the go command found, or "(devel)".
func versionOf(stamp string, info *debug.BuildInfo) string {
	if stamp != "" {
		return stamp
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "-dirty"
		}
	}
	if revision == "" {
		return "(devel)"
	}
	return revision + modified
}
