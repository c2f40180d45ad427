"""What the app says, by the names that its scripts know: the whole of it, in one language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from huying.errors import Words

WORDS: Mapping[str, Words] = {
    # The frame
    "huying": _("Huying"),
    "app": _("Huying in the field"),
    "home": _("Home"),
    "back": _("Go back"),
    "online": _("Connected"),
    "offline": _("No connection"),
    "connecting": _("Connecting"),
    "signed_out": _("Signed out"),
    "loading": _("One moment"),
    "first_online": _(
        "The first time, this needs a connection. Please try again where there is one."
    ),
    "sign_in": _("Sign in"),
    "sign_in_first": _("Please sign in first."),
    "session_over": _(
        "You were signed out. What you write stays on this phone and is sent once you are back."
    ),
    "no_post": _("You hold no post that works in the field. Please ask your administrator."),
    "new_version": _("A new version is ready. What waits to be sent stays."),
    "update_now": _("Use it now"),
    "not_secure": _(
        "This address is not secured (https): no position, and nothing without a connection."
    ),
    "version": _("Version {version}"),
    "zoom_in": _("Zoom in"),
    "zoom_out": _("Zoom out"),
    "please_choose": _("please choose"),
    "optional": _("may be left out"),
    "new": _("new"),
    # The nine squares
    "report": _("Report a matter"),
    "settle": _("Settle on the spot"),
    "tasks": _("My tasks"),
    "grid": _("My grid"),
    "inbox": _("Inbox"),
    "outbox": _("Outbox"),
    "desk": _("Case desk"),
    "me": _("Me"),
    "n_waiting": _("{n} waiting"),
    "n_late": _("{n} tasks are overdue"),
    # Cases
    "case": _("Case"),
    "case_n": _("Case {number}"),
    "number": _("Case number"),
    "place": _("Place"),
    "unit": _("Unit in charge"),
    "received": _("Received"),
    "photos": _("Photos"),
    "photo_before": _("Photos from before"),
    "photo_after": _("Photos from after"),
    "other": _("Other photos"),
    "photo_later": _("with a connection"),
    "why_due": _("Why it is due then"),
    "due_at": _("due {time}"),
    "as_of": _("As of {time}"),
    "emergency": _("emergency"),
    "no_item": _("Item not decided yet"),
    "navigate": _("Way there"),
    "on_desk": _("Open the full page"),
    "open_case": _("Open the case"),
    "what_to_do": _("What can be done"),
    "no_tasks": _("Nothing waits for you now."),
    "case_gone": _("This case is not among those that wait for you now."),
    "not_now": _("This cannot be done now. Somebody may have acted meanwhile."),
    "light_red": _("overdue"),
    "light_yellow": _("due soon"),
    "light_green": _("in time"),
    "light_grey": _("paused"),
    # My grid
    "open_here": _("Open cases here: {n}"),
    "nothing_open": _("No case is open here."),
    "no_outline": _("The outline of this area is not kept on the phone."),
    "map_hint": _("Map: touch sets the pin. With keys: move the map, then Enter."),
    # Position
    "searching": _("Looking for the position…"),
    "accuracy": _("Position good to ±{n} m"),
    "pinned": _("Pin set by hand"),
    "no_position": _("no position"),
    "outside_grid": _("outside your grid"),
    "poor_position": _("Not exact: please look whether the pin is right."),
    "position_none": _("This phone gives no position here; set the pin on the map."),
    "position_denied": _("The position is not allowed; allow it, or set the pin on the map."),
    "position_weak": _("No position yet; go into the open, or set the pin on the map."),
    "adjust_pin": _("Move the pin"),
    "use_position": _("Use the phone's position"),
    # Reporting and forms
    "step_photo": _("Photo"),
    "step_words": _("Item and words"),
    "step_send": _("Send"),
    "take_photo": _("Take a photo"),
    "from_album": _("Album"),
    "making_small": _("Making it small…"),
    "photo_n": _("Photo {n}"),
    "n_photos": _("{n} photos"),
    "remove_photo": _("Take away {name}"),
    "most_photos": _("Nine photos at most."),
    "no_picture": _("This picture cannot be read."),
    "photo_hint": _(
        "Photos are made small on the phone and carry time, place and case in a band below."
    ),
    "report_mark": _("Report a matter"),
    "what_is_it": _("What is the matter?"),
    "what_was_done": _("What was done"),
    "item": _("Item"),
    "item_later": _("The desk decides on the item"),
    "choose_item": _("choose an item"),
    "is_it_this": _("Is it this one? These are open close by."),
    "next": _("Go on"),
    "send": _("Send"),
    "need_photo": _("Please take a photo first."),
    "need_words": _("Please say what is the matter."),
    "need_item": _("Please choose an item."),
    "need_answers": _("Please look at the questions marked in red."),
    "need_result": _("Please say what was done."),
    "need_place": _("Please wait for the position, or set the pin on the map."),
    "need_evidence": _("{what}: at least {n}."),
    "need_field": _("Please fill in: {what}."),
    "needs_n": _("at least {n}, {have} there"),
    "draft_back": _("What you had begun is here again."),
    "start_anew": _("Start anew"),
    "written_down": _("Written down; it is being sent."),
    "written_offline": _("Written down. It is sent as soon as there is a connection."),
    "full": _(
        "The phone has no room left: this was not written down. Make room, or send what waits;"
        " nothing of this form is lost while it is open."
    ),
    # The outbox
    "outbox_hint": _("All that you do goes through here, and stays until it has arrived."),
    "send_now": _("Send now"),
    "nothing_waits": _("Everything has arrived."),
    "sent_lately": _("Of the last days"),
    "others_wait": _("{n} entries of another account wait until that person signs in here."),
    "entry_waiting": _("waiting"),
    "entry_sending": _("sending"),
    "entry_delivered": _("arrived"),
    "entry_refused": _("refused"),
    "entry_conflict": _("somebody acted meanwhile"),
    "entry_dropped": _("given up"),
    "photos_sent": _("Photos sent: {sent} of {n}"),
    "tried": _("Tried {n} times; it is tried again by itself."),
    "mend": _("Mend and send"),
    "send_anyway": _("Send mine all the same"),
    "give_up": _("Give up"),
    "give_up_sure": _("Give this up? It stays here for a week and can be taken up again."),
    "take_up": _("Take it up again"),
    "photo_lost": _("A photo is no longer on this phone; please take it again."),
    "no_case": _("The case that this belongs to has not come about."),
    # Inbox and oneself
    "no_notices": _("You have not been told of anything yet."),
    "all_read": _("Mark all as read"),
    "mark_read": _("Mark as read"),
    "whole_inbox": _("The whole inbox"),
    "my_posts": _("My posts"),
    "post_changed": _("You now act on the other post."),
    "duty": _("Duty"),
    "no_turn": _("No turn is planned for you today."),
    "come": _("I am on duty"),
    "go_off": _("I leave"),
    "duty_off": _("Your turn has not begun."),
    "duty_leave": _("On leave for this turn."),
    "duty_expected": _("Your turn runs; you have not said yet that you are here."),
    "duty_present": _("You are on duty."),
    "duty_left": _("You have left."),
    "look": _("How the app looks"),
    "large": _("Large text"),
    "large_hint": _("Everything a quarter larger"),
    "outdoor": _("For the sun"),
    "outdoor_hint": _("Black on white, thick edges"),
    "sign_out": _("Sign out"),
    "sign_out_online": _("Signing out needs a connection."),
    "sign_out_waiting": _(
        "{n} entries have not been sent. They stay on this phone until you sign in here again;"
        " all else is cleared. Sign out?"
    ),
}


def words() -> dict[str, str]:
    """All of it in the reader's language."""
    return {name: str(said) for name, said in WORDS.items()}
