-- The same rule for LuaJIT. `blocked` is a table whose keys are the addresses' 16 bytes; roles are their numbers.
local blocked, ADMIN, MEMBER = ...
local sub = string.sub

return function(req)
  local role = req.role
  return (role == ADMIN or role == MEMBER and req.department == "engineering")
    and req.clearance >= 3
    and not blocked[req.address]
    and sub(req.path, 1, 10) == "/internal/"
end
