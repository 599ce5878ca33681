// Package backend provides the servers that a system stands on. A backend is a
// server of a kind: each registers itself with its role (broker or database),
// with what can be done to it, and with how it is started. A Choice is one
// broker and one database; its servers serve a run as a sim.Backend.
//
// Each backend is a group of files: rabbitmq.go and mariadb.go (containers),
// jetstream.go (a child process of squall), sqlite.go (files). What those in
// containers have in common is in containers.go, node.go and engine.go. images/
// builds the container images from Debian packages where no image registry can
// be reached.
//
// Start reading at backend.go, then choice.go.
package backend
