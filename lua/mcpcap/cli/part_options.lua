--- The words of `map`, `reduce` and `report`, and of flow's states.
-- @module mcpcap.cli.part_options

local part_options = {}

part_options.MAP_USAGE = "Usage: mcpcap map [options] CAPTURE [CAPTURE ...] SERVER_IP [PORT] --output PART"
part_options.REDUCE_USAGE = "Usage: mcpcap reduce PART [PART ...] --output PART"
part_options.REPORT_USAGE = "Usage: mcpcap report [options] PART"

local MAP_EPILOG = [[
Reads one piece of a series of captures by itself; "mcpcap reduce" joins the
parts of neighbours, in their order, and "mcpcap report" shows what
"mcpcap flow" would show of all captures in a row. A piece is one or several
whole capture files, as tcpdump -C, -G and dumpcap -b write them.

Example:
   mcpcap map a.pcap 192.0.2.80 443 --part 1/2 --output a.part
   mcpcap map b.pcap 192.0.2.80 443 --part 2/2 --output b.part
   mcpcap reduce a.part b.part --output all.part
   mcpcap report all.part

Exit status: 0 the part was written; 1 the capture cannot be read or the part
not be written; 2 the command is wrong.]]

local REDUCE_EPILOG = [[
The parts stand in the order of their captures. A state of "flow --save-state"
may be the first. What is damaged, of another server, doubled or (where parts
are numbered) missing is an error that names the file, and nothing is written.

Example:
   mcpcap reduce a.part b.part --output all.part

Exit status: 0 the part was written; 1 a part cannot be read or joined, or the
new one not be written; 2 the command is wrong.]]

local REPORT_EPILOG = [[
PART is a file of "mcpcap map", "mcpcap reduce" or "mcpcap flow --save-state":
the report is what "mcpcap flow" says of the captures that went into it, which
are not needed any more. Server, port, filter and rules are in the file.

Examples:
   mcpcap report all.part
   mcpcap report week.state --output report.html

Exit status: as of "mcpcap flow".]]

-- "3/64".
local function place(word)
  local number, of = word:match("^(%d+)/(%d+)$")
  number, of = tonumber(number), tonumber(of)
  if not number or number < 1 or number > of or of > 1e9 then
    return nil, ("'%s' is no place in a series (3/64)"):format(word)
  end
  return { number, of }
end

local MOST_JOBS = 256

local function jobs(word)
  local n = word:find("^%d+$") and tonumber(word)
  if not n or n < 1 or n > MOST_JOBS then
    return nil, ("'%s' is no number of jobs (1 to %d)"):format(word, MOST_JOBS)
  end
  return n
end

local function add_jobs(command)
  command:option("-j --jobs", "unpack up to N compressed captures at the same time (default: 1)"):convert(jobs)
    :argname("N")
end

--- Adds the commands to a parser.
-- @tparam table parser of argparse
-- @tparam table add functions that add what other commands have, too: `help`, `report`, `timeline`,
-- `limits`, `counting`, `reading`, `showing`
function part_options.add(parser, add)
  local map = parser:command("map", "read a piece of a series of captures, for reduce and report")
    :add_help(false):help_max_width(90):help_description_margin(33)
    :usage(part_options.MAP_USAGE):epilog(MAP_EPILOG)
  map:argument("CAPTURE"):target("words"):args("+"):argname("CAPTURE, SERVER_IP"):hidden(true)
  add.help(map)
  map:option("-o --output", "the part to be written"):argname("PART")
  map:option("--part", "it is the N-th of M pieces: then one that is missing is seen"):convert(place):argname("N/M")
  add_jobs(map)
  add.limits(map)
  add.counting(map)
  add.reading(map)

  local reduce = parser:command("reduce", "join the parts of neighbours")
    :add_help(false):help_max_width(90):help_description_margin(33)
    :usage(part_options.REDUCE_USAGE):epilog(REDUCE_EPILOG)
  reduce:argument("PART", "parts in the order of their captures"):target("parts"):args("+"):argname("PART")
  add.help(reduce)
  reduce:option("-o --output", "the part to be written"):argname("PART")

  local report = parser:command("report", "report on a part or a state, as flow does on captures")
    :add_help(false):help_max_width(90):help_description_margin(33)
    :usage(part_options.REPORT_USAGE):epilog(REPORT_EPILOG)
  add.report(report, nil, "PART")
  add.timeline(report)
  add.showing(report)
end

--- Adds flow's options.
-- @tparam table flow command of argparse
function part_options.add_states(flow)
  add_jobs(flow)
  flow:option("--save-state", "write all that was learnt to a file, to go on from there"):argname("FILE")
  flow:option("--from-state", "go on from such a file, as if its captures stood in front; the server may be left out")
    :argname("FILE")
end

--- The job of `map`.
-- @tparam table args what was parsed
-- @tparam table job of its words
-- @treturn[1] table job
-- @treturn[2] nil
-- @treturn[2] string message
function part_options.map(args, job)
  if not args.output then
    return nil, "--output says which part is to be written"
  end
  job.save, job.silent = args.output, true
  job.options.alone = true
  if args.part then
    job.options.piece, job.options.pieces = args.part[1], args.part[2]
  end
  return job
end

--- Which order the words of `reduce` are.
-- @tparam table args what was parsed
-- @treturn table
function part_options.reduce(args)
  if not args.output then
    return { usage = part_options.REDUCE_USAGE, message = "--output says which part is to be written" }
  end
  for _, part in ipairs(args.parts) do
    if part == args.output then
      return { usage = part_options.REDUCE_USAGE, message = "the output would overwrite a part" }
    end
  end
  return { reduce = { parts = args.parts, output = args.output } }
end

return part_options
