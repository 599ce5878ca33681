// Package backend provides the servers that a system stands on: a broker and a
// database. Each flavour is one file: embedded.go (child processes of squall
// and files) and container.go (RabbitMQ and MariaDB in containers).
//
// Start reading at backing.go. images/ builds the container images from Debian
// packages where no image registry can be reached.
package backend
