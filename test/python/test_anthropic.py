import anthropic
import pytest
from anthropic import Anthropic, beta_tool
from conftest import ASK_FOR_TOOL, SCRIPTED_WORDS, TOOL_ANSWER, Server

TOOL = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def connect(server: Server) -> Anthropic:
    return Anthropic(base_url=server.root, api_key=server.key, max_retries=0)


def user(content: str) -> list:
    return [{"role": "user", "content": content}]


def test_messages_whole_and_in_a_stream(scripted: Server) -> None:
    client = connect(scripted)
    ask = {"model": scripted.model, "max_tokens": 100, "system": "Be brief.", "messages": user("Hi")}
    whole = client.messages.create(**ask)
    assert (whole.content[0].text, whole.stop_reason) == (SCRIPTED_WORDS, "end_turn")
    with client.messages.stream(**ask) as stream:
        texts = list(stream.text_stream)
        final = stream.get_final_message()
    assert "".join(texts) == SCRIPTED_WORDS
    assert final.usage.input_tokens == whole.usage.input_tokens > 0
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_thoughts_are_told_apart(scripted: Server) -> None:
    with connect(scripted).messages.stream(
        model=scripted.model,
        max_tokens=4000,
        thinking={"type": "enabled", "budget_tokens": 1024},
        messages=user("think: Hm, well; answer exactly: Yes."),
    ) as stream:
        thinking, text = stream.get_final_message().content
    assert (thinking.thinking, text.text) == ("Hm, well", "Yes.")
    assert thinking.signature != ""


def test_a_tool_is_called_and_its_result_answered(scripted: Server) -> None:
    client = connect(scripted)
    ask = {"model": scripted.model, "max_tokens": 100, "tools": [TOOL]}
    with client.messages.stream(messages=user(ASK_FOR_TOOL), **ask) as stream:
        called = stream.get_final_message()
    assert called.stop_reason == "tool_use"
    (use,) = [block for block in called.content if block.type == "tool_use"]
    assert (use.name, use.input) == ("get_weather", {"city": "Graz"})
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "7 degrees in Graz"}
    ended = client.messages.create(
        messages=[
            *user(ASK_FOR_TOOL),
            {"role": "assistant", "content": called.content},
            {"role": "user", "content": [result]},
        ],
        **ask,
    )
    assert ended.content[0].text == TOOL_ANSWER


def test_the_tool_runner_goes_to_the_end(scripted: Server) -> None:
    @beta_tool
    def get_weather(city: str) -> str:
        """The weather in a city.

        Args:
            city: Its name.
        """
        return f"7 degrees in {city}"

    runner = connect(scripted).beta.messages.tool_runner(
        model=scripted.model, max_tokens=100, tools=[get_weather], messages=user(ASK_FOR_TOOL)
    )
    assert runner.until_done().content[0].text == TOOL_ANSWER


def test_tokens_are_counted_and_models_listed(scripted: Server) -> None:
    client = connect(scripted)
    count = client.messages.count_tokens(model=scripted.model, tools=[TOOL], messages=user("Hi"))
    assert count.input_tokens > 0
    assert scripted.model in [model.id for model in client.models.list()]


def test_failures_are_the_classes_of_the_library(scripted: Server) -> None:
    with pytest.raises(anthropic.NotFoundError):
        connect(scripted).messages.create(model="nobody", max_tokens=9, messages=user("Hi"))
    stranger = Anthropic(base_url=scripted.root, api_key="sk-ink_wrong", max_retries=2)
    with pytest.raises(anthropic.AuthenticationError) as refused:
        stranger.messages.create(model=scripted.model, max_tokens=9, messages=user("Hi"))
    assert refused.value.request_id.startswith("req_")


def test_the_starter_model_answers(starter: Server) -> None:
    client = connect(starter)
    # The library has given this field up; servers have not.
    coldly = {"extra_body": {"temperature": 0}}
    ask = {"model": starter.model, "max_tokens": 12, "messages": user("Say hello."), **coldly}
    whole = client.messages.create(**ask)
    with client.messages.stream(**ask) as stream:
        assert "".join(stream.text_stream) == whole.content[0].text != ""
    counted = client.messages.count_tokens(model=starter.model, messages=user("Say hello."))
    # What the slot still held is told apart.
    assert counted.input_tokens == whole.usage.input_tokens + whole.usage.cache_read_input_tokens
