package store

import (
	"database/sql"
	"errors"
	"io"
	"log"
	"time"

	"github.com/go-sql-driver/mysql"
)

func init() { register("mysql", openMySQL) }

// The codes of the errors after which a transaction may be begun again.
const (
	mysqlLockWaitTimeout = 1205
	mysqlDeadlock        = 1213
	mysqlRecordChanged   = 1020
	mysqlTableExists     = 1050 // two replicas created the same table at once
)

func openMySQL(c Config) (*DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr = "tcp", c.Addr
	cfg.User, cfg.Passwd = c.User, c.Password
	cfg.DBName = c.Prefix + c.Schema
	cfg.InterpolateParams = true
	cfg.MultiStatements = true // no text from outside is part of a statement, and arguments are escaped
	cfg.ClientFoundRows = true
	cfg.Timeout = 3 * time.Second
	cfg.ReadTimeout, cfg.WriteTimeout = 30*time.Second, 30*time.Second
	cfg.Params = map[string]string{"transaction_isolation": "'READ-COMMITTED'"}
	cfg.Logger = log.New(io.Discard, "", 0) // it also returns the errors that it logs
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	write, read := sql.OpenDB(connector), sql.OpenDB(connector)
	write.SetMaxOpenConns(12)
	write.SetMaxIdleConns(12)
	read.SetMaxOpenConns(4)
	read.SetMaxIdleConns(4)
	return &DB{
		write: write, read: read,
		writers: noLock{},
		dialect: dialect{
			name:         "mysql",
			insertIgnore: "INSERT IGNORE",
			types: map[string]string{
				"SERIAL": "BIGINT AUTO_INCREMENT PRIMARY KEY", "WORD": "VARCHAR(128)", "BODY": "MEDIUMBLOB",
				"ENGINE": " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
			},
			transient:       mysqlTransient,
			multiStatements: true,
		},
	}, nil
}

func mysqlTransient(err error) bool {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Number {
	case mysqlLockWaitTimeout, mysqlDeadlock, mysqlRecordChanged, mysqlTableExists:
		return true
	}
	return false
}
