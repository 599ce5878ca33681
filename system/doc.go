// Package system holds the order pipeline that squall measures: the services,
// the broker and the store that they use, and the variants that connect them.
//
// Nothing below this folder imports the harness (squall/sim), so that the
// pipeline cannot depend on being measured. What passes between the two is the
// process contract of docs/process-contract.md: settings arrive in the
// environment, events leave on file descriptor 3, status and audit are read
// over HTTP.
//
// Start reading at system/order (the domain), then system/service (what each
// service does) and system/variant (who calls whom).
package system
