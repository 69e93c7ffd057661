-- mcpcap in Wireshark and tshark: what happens between clients and a server in the
-- capture that is open, and whose fault is it?
--
-- Wireshark: put this file into the folder of personal Lua plugins (Help, About,
-- Folders) and choose Tools, mcpcap.
--
-- tshark:
--
--     tshark -q -X lua_script:mcpcap.lua -X lua_script1:192.0.2.80 -X lua_script1:80 -r web.pcap
--
-- The arguments are the server's address, its port ("any": all of them) and a format
-- (text, markdown, json, html).  Without arguments tshark shows no report.
--
-- Wireshark before 4.4 has Lua 5.2 in it (later ones 5.3 or 5.4): the module mcpcap must be
-- built for that one and be found through LUA_PATH and LUA_CPATH, or installed.
--
-- Lua is not told which file is open, so the packets are handed over: each is written
-- to a temporary capture, as it was captured, and that one is analysed.  So it works
-- for a capture that is still running or was never saved, too, and frame numbers stay
-- what they are.

local arguments = { ... }

local TITLE = "mcpcap"
local STEP_PACKETS = 65536
local FORMATS = { text = true, markdown = true, json = true, html = true }

-- Loaded when needed: a Wireshark that has this file and not the module starts as
-- ever.  By its full name, because Wireshark looks for modules beside its scripts
-- first, and "mcpcap" there is this file.
local function load_library()
  local ok, mcpcap = pcall(require, "mcpcap.init")
  if not ok then
    return nil, ("the Lua module mcpcap cannot be loaded in %s (%s)"):format(_VERSION,
      tostring(mcpcap):match("^[^\n:]*"))
  end
  return mcpcap, require "mcpcap.report"
end

-- "" and "any" mean no port; false: not a port.
local function port_of(text)
  if text == nil or text == "" or text == "any" then
    return nil
  end
  local port = text:match("^%s*(%d+)%s*$") and tonumber(text)
  return port and port >= 1 and port <= 65535 and port or false
end

-- ------------------------------------------------------------------- hand-over

-- The packets as they come, in one file for each link type.
local function recorder()
  local self = { paths = {}, dumpers = {}, packets = 0 }
  local nanoseconds = wtap_name_to_file_type_subtype and wtap_name_to_file_type_subtype("nsecpcap")
    or wtap_filetypes and wtap_filetypes.PCAP_NSEC

  function self.take(pinfo, encapsulation)
    local dumper = self.dumpers[encapsulation]
    if not dumper then
      local path = os.tmpname()
      self.paths[#self.paths + 1] = path
      dumper = Dumper.new(path, nanoseconds, encapsulation)
      self.dumpers[encapsulation] = dumper
    end
    dumper:dump_current(pinfo)
    self.packets = self.packets + 1
  end

  function self.finish()
    for key, dumper in pairs(self.dumpers) do
      dumper:close()
      self.dumpers[key] = nil
    end
  end

  function self.remove()
    self.finish()
    for _, path in ipairs(self.paths) do
      os.remove(path)
    end
    self.paths = {}
  end

  return self
end

-- -------------------------------------------------------------------- analysis

-- The loop over a session; `pause` is given the share that is done and says whether
-- to stop.
local function run(session, pause)
  while true do
    local state, message = session:step(STEP_PACKETS)
    if not state then
      return nil, message
    elseif state == "done" then
      return session:result()
    end
    local done, total = session:progress()
    if pause(total > 0 and done / total or 0) then
      session:stop("ended by the user")
    end
  end
end

-- The report on what a recorder has, or nil and a message.
local function report_on(record, server, port, format, pause)
  local mcpcap, report = load_library()
  if not mcpcap then
    return nil, report
  elseif #record.paths == 0 then
    return nil, "there are no packets"
  end
  local ok, session, message = pcall(mcpcap.open, #record.paths == 1 and record.paths[1] or record.paths, server, port)
  if not ok then
    return nil, (tostring(session):gsub("^.*bad argument #%d+ to '[^']*' %((.*)%)$", "%1"))
  elseif not session then
    return nil, message
  end
  local done, result, why = pcall(run, session, pause)
  session:close()
  if not done then
    return nil, tostring(result)
  elseif not result then
    return nil, why
  end
  result.file, result.files = "the open capture", nil
  return report.render(result, format)
end

-- ------------------------------------------------------------------ collecting

-- What Wireshark calls the link type of a frame, for Dumper.new.
local encapsulation_of = Field.new("frame.encap_type")

-- A listener that hears every frame, and what it records.
local function listen()
  local record = recorder()
  local tap = Listener.new("frame", nil)
  function tap.packet(pinfo)
    local field = encapsulation_of()
    record.take(pinfo, field and field.value or 1)
  end
  function tap.reset()
    record.remove()
  end
  return tap, record
end

-- ---------------------------------------------------------------------- tshark

local function start_in_tshark(server, port_text, format)
  local port = port_of(port_text)
  format = format or "text"
  if port == false then
    io.stderr:write(TITLE, ": port: an integer from 1 to 65535, or \"any\", expected\n")
    return
  elseif not FORMATS[format] then
    io.stderr:write(TITLE, ": format: text, markdown, json or html expected\n")
    return
  end
  local tap, record = listen()
  function tap.draw()
    record.finish()
    local text, message = report_on(record, server, port, format, function() return false end)
    record.remove()
    if text then
      io.stdout:write(text)
      io.stdout:flush()
    else
      io.stderr:write(TITLE, ": ", message, "\n")
    end
  end
end

-- ------------------------------------------------------------------- Wireshark

local function show(text)
  local window = TextWindow.new(TITLE)
  window:set(text)
end

local function analyse_open_capture(server, port_text)
  local port = port_of(port_text)
  if port == false then
    return show("Port: an integer from 1 to 65535, or nothing for all ports.")
  end
  local tap, record = listen()
  retap_packets()
  tap:remove()
  record.finish()
  local progress = ProgDlg.new(TITLE, "Reading the packets")
  local text, message = report_on(record, server, port, "text", function(share)
    progress:update(share)
    return progress:stopped()
  end)
  progress:close()
  record.remove()
  return show(text or "There is no report: " .. message)
end

local function ask()
  new_dialog(TITLE .. ": whose fault is it?", function(server, port)
    analyse_open_capture((server or ""):match("^%s*(.-)%s*$"), port)
  end, "Server address", "Port (empty: all)")
end

if gui_enabled() then
  register_menu("mcpcap/Report on a server ...", ask, MENU_TOOLS_UNSORTED)
elseif arguments[1] then
  start_in_tshark(arguments[1], arguments[2], arguments[3])
end
