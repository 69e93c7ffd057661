-- Cases of the rules about what clients asked for a name.

local pieces = ...
local case, MS, SECOND = pieces.case, pieces.MS, pieces.SECOND
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local asks = dofile(here .. "../application/asks.lua")

-- A connection that goes as it should, 1 ms later.
local function connect(x)
  return pieces.clean(x:hs())
end

local function new()
  return pieces.new { server_port = 443, win = 60000 }
end

case("name_slow", "one lookup of 350 ms", { severity = "info", side = "network", confidence = "medium",
  text = 'Before connecting, a client waited 350 ms for the server\'s name ("www.example.org"). The server itself then '
    .. "opened within 20 ms." }, function()
  return connect(asks.look_up(new(), 350))
end)
case("name_slow", "the question was lost, and put again after 5 s", { severity = "warning",
  text = 'Before connecting, a client waited 5.0 s for the server\'s name ("www.example.org"). The server itself then '
    .. "opened within 20 ms. Its question was put again before it was answered." }, function()
  return connect(asks.look_up(asks.ask(new()):after(5 * SECOND), 10))
end)
case("name_slow", "one of two lookups", { severity = "info",
  text = "Before connecting, clients waited for the server's name: 1 of 2 lookups (50 %) took 200 ms or more, 300 ms "
    .. 'at most ("www.example.org"). The server itself then opened within 20 ms, half of the time.' }, function()
  local x = connect(asks.look_up(new(), 300))
  return connect(asks.look_up(pieces.next_client(x, 1, "10.0.0.9"), 10))
end)
case("name_slow", "the first whom it asked failed", { severity = "warning" }, function()
  local x = asks.look_up(new(), 1500, { code = 2, of = "10.0.0.54" })
  return connect(asks.look_up(x, 10))
end)
case("name_slow", "no answer for AAAA", { severity = "warning" }, function()
  local x = asks.ask(asks.ask(new()), { id = 8, kind = "AAAA" })
  x = asks.answer(x, 10)
  x = asks.ask(asks.ask(x:after(5 * SECOND)), { id = 8, kind = "AAAA" })
  return connect(asks.answer(x, 10):after(5 * SECOND))
end)
case("name_slow", "over TCP, as the answer was cut short", { severity = "info" }, function()
  local x = asks.look_up(new(), 10, { cut_short = true })
  return connect(asks.over_tcp(x, 400))
end)
case("name_slow", "a fast answer", false, function()
  return connect(asks.look_up(new(), 20))
end)
case("name_slow", "a slow answer with another address", false, function()
  return connect(asks.look_up(new(), 400, { ip = "10.0.0.3" }))
end)
case("name_slow", "a slow answer to somebody else", false, function()
  return connect(asks.look_up(new(), 400, { by = "10.0.0.9" }))
end)
case("name_slow", "long before", false, function()
  return connect(asks.look_up(new(), 400):after(6 * SECOND))
end)
case("name_slow", "AAAA comes late, and nobody waits for it", false, function()
  local x = asks.ask(asks.ask(new()), { id = 8, kind = "AAAA" })
  x = connect(asks.answer(x, 10))
  return asks.answer(x, 900, { id = 8, kind = "AAAA", code = 0 })
end)
case("name_slow", "a copy of the question is not put again", false, function()
  return connect(asks.answer(asks.ask(asks.ask(new())), 20))
end)

case("name_lost", "no answer for another client", { severity = "info", side = "network",
  text = 'Clients asked for "www.example.org" in vain: 1 got no answer. Other lookups of the same names led '
    .. 'to the server.',
}, function()
  local x = asks.ask(new(), { by = "10.0.0.9" })
  return pieces.later(connect(asks.look_up(x, 20)), 3 * SECOND)
end)
case("name_lost", "several, of all kinds", { severity = "warning",
  text = 'Clients asked for "www.example.org" in vain: 1 got no answer, 2 heard that there is no such name, 1 '
    .. 'heard that the '
    .. 'server for names failed and 1 was refused. Other lookups of the same names led to the server.' }, function()
  local x = asks.ask(new(), { by = "10.0.0.9" })
  for i, code in ipairs { 3, 3, 2, 5 } do
    x = asks.look_up(x, 10, { by = "10.0.0." .. 20 + i, code = code })
  end
  return pieces.later(connect(asks.look_up(x, 20)), 3 * SECOND)
end)
case("name_lost", "an error, and then the address", false, function()
  local x = asks.look_up(new(), 10, { code = 2 })
  return pieces.later(connect(asks.look_up(x, 20)), 3 * SECOND)
end)
case("name_lost", "of another name", false, function()
  local x = asks.look_up(new(), 10, { name = "no.example.org", code = 3 })
  return pieces.later(connect(asks.look_up(x, 20)), 3 * SECOND)
end)
case("name_lost", "the capture ends too soon to tell", false, function()
  return asks.ask(connect(asks.look_up(new(), 20)), { by = "10.0.0.9" }):after(100 * MS)
end)
