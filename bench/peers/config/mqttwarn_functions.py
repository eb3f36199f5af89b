"""What mqttwarn calls for each message: the columns of its row that the JSON does not have."""

import json
from typing import Any


def reading(topic: str, data: dict[str, Any], srv: Any) -> dict[str, Any]:
    """Point and value; the column `time` is filled from the message's own `time`."""
    uplink = json.loads(data["payload"])
    return {"point": uplink["deviceInfo"]["devEui"], "value": uplink["object"]["temperature"]}
