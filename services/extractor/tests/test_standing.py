"""R2: who was put out of service or lost the role has no call answered by the extractor although the token runs on."""

from services.extractor.tests.stage import Stage
from services.extractor.tests.test_http import CALLS, PREFIX, bearer


async def test_r2_no_call_is_answered_once_the_session_has_ended(on: Stage) -> None:
    async with on.serving() as http:
        token = on.token("leaving")
        assert (await http.get(f"{PREFIX}/admin/sources", headers=bearer(token))).status_code == 200

        on.auth.ended.add("leaving")

        for (method, path), (roles, body) in CALLS.items():
            if "administrator" in roles:
                fresh = bearer(on.token("leaving"))
                url = PREFIX + path.replace("{name}", "books")
                answer = await http.request(method, url, json=body, headers=fresh)
                assert answer.status_code == 401, (method, path, answer.text)
