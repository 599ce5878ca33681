package backend

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
	"testing"

	"squall/sim"
)

// fakeSQL is a database that keeps the statements that it is told, and refuses
// those that contain a word.
type fakeSQL struct {
	told   []string
	refuse string
}

func (f *fakeSQL) Connect(context.Context) (driver.Conn, error) { return f, nil }
func (f *fakeSQL) Driver() driver.Driver                        { return nil }
func (f *fakeSQL) Prepare(string) (driver.Stmt, error)          { return nil, errors.New("not here") }
func (f *fakeSQL) Begin() (driver.Tx, error)                    { return nil, errors.New("not here") }
func (f *fakeSQL) Close() error                                 { return nil }

func (f *fakeSQL) ExecContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Result, error) {
	if f.refuse != "" && strings.Contains(query, f.refuse) {
		return nil, errors.New("disk full")
	}
	f.told = append(f.told, query)
	return driver.ResultNoRows, nil
}

func mariadbOf(t *testing.T, f *fakeSQL, engine *fakeEngine) *mariadb {
	t.Helper()
	set, _ := one(t, engine)
	set.nodes[0].name, set.nodes[0].addrs[sqlPort] = sim.RoleDatabase, "127.0.0.1:3306"
	return &mariadb{containers: set, password: "word", version: "11.8.9", sql: sql.OpenDB(f)}
}

func TestSchemas(t *testing.T) {
	f := &fakeSQL{}
	engine := newFakeEngine(t)
	m := mariadbOf(t, f, engine)
	spec, _ := trial(t)
	n, err := m.CreateNamespace(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if n.Server.Env["SQUALL_STORE_PREFIX"] != "squall_async_1_" || !slices.Equal(n.Server.Addrs, []string{"127.0.0.1:3306"}) {
		t.Errorf("server %+v", n.Server)
	}
	if len(f.told) != len(schemas) || f.told[0] != "CREATE DATABASE `squall_async_1_orders` CHARACTER SET utf8mb4" {
		t.Errorf("it was told %q", f.told)
	}
	f.told = nil
	if err := n.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if len(f.told) != len(schemas) || f.told[3] != "DROP DATABASE IF EXISTS `squall_async_1_shipping`" {
		t.Errorf("it was told %q", f.told)
	}
	if i := m.Info(); i.Version != "MariaDB 11.8.9" || i.Image != "an-image" {
		t.Errorf("info %+v", i)
	}
	if err := m.Close(t.Context()); err != nil || engine.left() > 0 {
		t.Errorf("close: %v; %d containers are left", err, engine.left())
	}
}

// TestSchemaThatCannotBeMade: those that were made before it are dropped, and what
// goes wrong with that is told, too.
func TestSchemaThatCannotBeMade(t *testing.T) {
	f := &fakeSQL{refuse: "payment"}
	m := mariadbOf(t, f, newFakeEngine(t))
	spec, _ := trial(t)
	_, err := m.CreateNamespace(t.Context(), spec)
	says(t, err, "make a schema: disk full\ndisk full")
	dropped := slices.DeleteFunc(f.told, func(s string) bool { return !strings.HasPrefix(s, "DROP") })
	if len(dropped) != len(schemas)-1 {
		t.Errorf("it dropped %q", dropped)
	}
}

func TestMariaDBThatDoesNotStart(t *testing.T) {
	engine := newFakeEngine(t)
	engine.dies = "no such option"
	d, err := startMariaDB(t.Context(), startSpec{Options: Options{FreeAddr: ports()}, engine: engine.Engine, image: "an-image"})
	if d != nil {
		t.Error("a driver with an error")
	}
	says(t, err, "the database did not answer an SQL ping", "the container of the database ended with status 1", "no such option")
	if engine.left() > 0 {
		t.Errorf("%d containers are left", engine.left())
	}
}
