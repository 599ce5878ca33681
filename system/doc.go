// Package system holds the order pipeline that squall measures: the services,
// the broker and store ports they stand on, and the variants that wire them.
//
// Nothing below this folder imports the harness (squall/sim): the measured
// thing must not know its meter. What passes between the two is the process
// contract of docs/process-contract.md: settings arrive in the environment,
// events leave on file descriptor 3, status and audit are read over HTTP.
//
// Start reading at system/order (the domain), then system/service (what each
// service does) and system/variant (who calls whom).
package system
